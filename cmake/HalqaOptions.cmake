# Compiler settings shared by every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -g1 keeps line numbers in crash reports without the cost of full debug information.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")

# Some packages ask for -pthread and some do not; with it everywhere, all targets can share one precompiled header.
add_compile_options(-pthread)

find_program(HALQA_CCACHE ccache)
if(HALQA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${HALQA_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${HALQA_CCACHE}")
endif()
find_program(HALQA_MOLD mold)
if(HALQA_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
option(HALQA_PCH "Use precompiled headers" ON)
if(HALQA_PCH AND HALQA_CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)  # without it ccache cannot keep what used such a header
endif()
