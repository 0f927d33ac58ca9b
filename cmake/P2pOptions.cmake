# Compiler settings of every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

option(P2P_TESTS "Build the tests" ON)
set(P2P_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them: address,undefined or thread")
set(P2P_WEB_DIST "" CACHE PATH "Folder of the built web application that the program serves from inside itself")

if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
  set(P2P_WASM ON)
else()
  set(P2P_WASM OFF)
  add_link_options(-fuse-ld=mold)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  # Paths below the checkout do not count, so that one clone's objects serve another.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

# Warnings are for our own targets (P2pLibrary); fetched sources keep theirs.
set(P2P_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough -Wno-missing-designated-field-initializers -Werror)

if(P2P_SANITIZE)
  add_compile_options(-fsanitize=${P2P_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${P2P_SANITIZE})
endif()
