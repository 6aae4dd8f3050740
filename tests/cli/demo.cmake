# SPDX-License-Identifier: BSD-2-Clause
add_test(NAME cli.demo COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_LIST_DIR}/test_demo.py
    ${PROJECT_SOURCE_DIR}/tools/demo-story ${PROJECT_BINARY_DIR})
set_tests_properties(cli.demo PROPERTIES LABELS "cli;patient" SKIP_RETURN_CODE 77)
