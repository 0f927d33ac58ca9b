# p2p_embed_assets(TARGET FOLDER FALLBACK)
#
# A static library TARGET with the files of FOLDER in it (of FALLBACK when FOLDER is empty or has no index.html), each also
# compressed with Brotli and gzip where that makes it smaller. <assets/embedded_assets.hpp> gives them as a list. FOLDER is
# looked at on every build; nothing is compiled again unless a file changed.
function(p2p_embed_assets TARGET FOLDER FALLBACK)
  find_package(ZLIB REQUIRED)
  find_library(BROTLI_ENCODER brotlienc REQUIRED)
  set(tool embed_assets)
  add_executable(${tool} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed_assets/embed_assets.cpp)
  target_compile_options(${tool} PRIVATE ${P2P_WARNINGS})
  target_link_libraries(${tool} PRIVATE ZLIB::ZLIB ${BROTLI_ENCODER} OpenSSL::Crypto)
  # A tool of the build is not part of the program that `bin` holds.
  set_target_properties(${tool} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})

  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  add_custom_target(${TARGET}_files
    COMMAND ${tool} "${FOLDER}" "${FALLBACK}" ${out}
    BYPRODUCTS ${out}/embedded_assets.cpp
    COMMENT "Embedding the web application" VERBATIM)
  add_library(${TARGET} STATIC ${out}/embedded_assets.cpp)
  add_dependencies(${TARGET} ${TARGET}_files)
  target_include_directories(${TARGET} PUBLIC ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed_assets/include)
  target_link_libraries(${TARGET} PUBLIC p2p::net)
endfunction()
