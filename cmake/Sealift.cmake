# SPDX-License-Identifier: Apache-2.0
# sealift_verilate(NAME top [TOP module] [PARAMS A=1 ...] [DEFINES X=Y ...] [ARGS ...] [SOURCES extra.sv ...])
#   verilates rtl module `top` (found by name in rtl/ or in the test's folder) into library v_NAME;
#   the C++ class is V<NAME>, its header "V<NAME>.h"; PREFIX names it otherwise. FAST leaves the assertions out;
#   REPLICATED keeps the modules whole of which there are many (scripts/replicated.vlt).
# sealift_test(NAME sources... [LIBS ...] [LABELS ...])
#   a Catch2 test program, registered with ctest.

find_program(VERILATOR verilator REQUIRED)
execute_process(COMMAND ${VERILATOR} --getenv VERILATOR_ROOT OUTPUT_VARIABLE VERILATOR_ROOT
                OUTPUT_STRIP_TRAILING_WHITESPACE)

file(GLOB SEALIFT_RTL_DIRS LIST_DIRECTORIES true ${CMAKE_SOURCE_DIR}/rtl/* ${CMAKE_SOURCE_DIR}/rtl/record/*)
list(FILTER SEALIFT_RTL_DIRS EXCLUDE REGEX "/pkg$")
# Packages first: the three shared ones, then those of the blocks.
set(SEALIFT_PACKAGES
    ${CMAKE_SOURCE_DIR}/rtl/pkg/sealift_cfg_pkg.sv
    ${CMAKE_SOURCE_DIR}/rtl/pkg/sealift_pkg.sv
    ${CMAKE_SOURCE_DIR}/rtl/pkg/sealift_axi_pkg.sv
    ${CMAKE_SOURCE_DIR}/rtl/pkg/crc32_pkg.sv)
file(GLOB_RECURSE SEALIFT_BLOCK_PACKAGES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rtl/*_pkg.sv)
list(FILTER SEALIFT_BLOCK_PACKAGES EXCLUDE REGEX "/rtl/pkg/")

function(sealift_verilate NAME)
  cmake_parse_arguments(V "FAST;REPLICATED" "TOP;PREFIX" "PARAMS;DEFINES;ARGS;SOURCES" ${ARGN})
  if(NOT V_TOP)
    set(V_TOP ${NAME})
  endif()
  if(NOT V_PREFIX)
    set(V_PREFIX V${NAME})
  endif()
  file(GLOB_RECURSE top_file ${CMAKE_SOURCE_DIR}/rtl/${V_TOP}.sv ${CMAKE_CURRENT_SOURCE_DIR}/${V_TOP}.sv)
  set(mdir ${CMAKE_CURRENT_BINARY_DIR}/v_${NAME})
  set(stamp ${mdir}/stamp)
  if(V_FAST)
    set(cxxflags ${SEALIFT_FAST_CXXFLAGS})
    set(args -O3 --x-initial fast --x-assign fast)
  else()
    set(cxxflags ${SEALIFT_CHECKED_CXXFLAGS})
    set(args --assert --x-initial unique --x-assign unique)
  endif()
  list(APPEND args -Wall -Wno-SYNCASYNCNET
      ${CMAKE_SOURCE_DIR}/scripts/lint.vlt
      +incdir+${CMAKE_SOURCE_DIR}/rtl/prim)
  foreach(dir ${SEALIFT_RTL_DIRS} ${CMAKE_SOURCE_DIR}/rtl/csr/generated ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND args -y ${dir})
  endforeach()
  if(V_REPLICATED)
    list(APPEND args ${CMAKE_SOURCE_DIR}/scripts/replicated.vlt)
    if(NOT V_FAST)
      list(APPEND args ${CMAKE_SOURCE_DIR}/scripts/replicated_checked.vlt)
    endif()
  endif()
  if(SEALIFT_WAVES)
    list(APPEND args --trace-fst --trace-structs)
  endif()
  if(SEALIFT_COVERAGE)
    list(APPEND args --coverage)
  endif()
  foreach(p ${V_PARAMS})
    list(APPEND args -G${p})
  endforeach()
  foreach(d ${V_DEFINES})
    list(APPEND args +define+${d})
  endforeach()
  add_custom_command(
    OUTPUT ${stamp} ${mdir}/${V_PREFIX}__ALL.a ${mdir}/${V_PREFIX}.h
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/verilate ${mdir} ${V_TOP} ${V_PREFIX} ${stamp} ${cxxflags}
            ${args} ${V_ARGS}
            ${SEALIFT_PACKAGES} ${SEALIFT_BLOCK_PACKAGES} ${V_SOURCES} ${top_file}
    DEPENDS ${CMAKE_SOURCE_DIR}/scripts/verilate ${CMAKE_SOURCE_DIR}/scripts/one-copy
            ${CMAKE_SOURCE_DIR}/scripts/lint.vlt
    DEPFILE ${stamp}.d
    COMMENT "Verilating ${NAME}"
    VERBATIM)
  add_custom_target(v_${NAME}_gen DEPENDS ${stamp})
  add_library(v_${NAME} INTERFACE)
  add_dependencies(v_${NAME} v_${NAME}_gen)
  target_include_directories(v_${NAME} SYSTEM INTERFACE ${mdir})
  target_link_libraries(v_${NAME} INTERFACE ${mdir}/${V_PREFIX}__ALL.a verilated_env)
endfunction()

# Verilator's runtime, built once.
add_library(verilated_env STATIC ${VERILATOR_ROOT}/include/verilated.cpp ${VERILATOR_ROOT}/include/verilated_threads.cpp)
target_include_directories(verilated_env SYSTEM PUBLIC ${VERILATOR_ROOT}/include ${VERILATOR_ROOT}/include/vltstd)
target_link_libraries(verilated_env PUBLIC Threads::Threads)
target_compile_definitions(verilated_env PUBLIC VM_TRACE=$<BOOL:${SEALIFT_WAVES}> VM_TRACE_FST=$<BOOL:${SEALIFT_WAVES}>
                                                VM_COVERAGE=$<BOOL:${SEALIFT_COVERAGE}>)
if(SEALIFT_WAVES)
  target_sources(verilated_env PRIVATE ${VERILATOR_ROOT}/include/verilated_fst_c.cpp)
  target_link_libraries(verilated_env PUBLIC ZLIB::ZLIB)
endif()
if(SEALIFT_COVERAGE)
  target_sources(verilated_env PRIVATE ${VERILATOR_ROOT}/include/verilated_cov.cpp)
endif()

function(sealift_test NAME)
  cmake_parse_arguments(T "" "TIMEOUT" "LIBS;LABELS" ${ARGN})
  add_executable(${NAME} ${T_UNPARSED_ARGUMENTS})
  target_link_libraries(${NAME} PRIVATE sealift_warnings tb_common ${T_LIBS})
  set_property(GLOBAL APPEND PROPERTY SEALIFT_TESTS ${NAME})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 900)
  endif()
  add_test(NAME ${NAME} COMMAND ${NAME} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${NAME} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}")
endfunction()
