# In the order of the layers: a folder may use only what stands before it (tools/check_layers.py holds the whole rule).
set(P2P_FOLDERS wire scoring media socketio turn p2p-core directory transport transcode net CACHE STRING "The folders of libs/ to build")
foreach(folder IN LISTS P2P_FOLDERS)
  if(EXISTS ${CMAKE_SOURCE_DIR}/libs/${folder}/CMakeLists.txt)
    add_subdirectory(libs/${folder})
  endif()
endforeach()
