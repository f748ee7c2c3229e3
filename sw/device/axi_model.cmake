# SPDX-License-Identifier: Apache-2.0
# axi_model: memory behind an AXI4 port, an AXI4-Lite master, and monitors of both. No dependencies.
add_library(axi_model STATIC ${CMAKE_CURRENT_LIST_DIR}/axi_memory.cpp ${CMAKE_CURRENT_LIST_DIR}/axi_monitor.cpp
                             ${CMAKE_CURRENT_LIST_DIR}/axi_lite.cpp)
target_include_directories(axi_model PUBLIC ${CMAKE_CURRENT_LIST_DIR}/..)
target_link_libraries(axi_model PRIVATE sealift_warnings)
