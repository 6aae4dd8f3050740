# SPDX-License-Identifier: BSD-2-Clause
# `covey its` as a person calls it, and the examples of its manual.
add_test(NAME cli.its COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/test_its.py)
set_tests_properties(cli.its PROPERTIES LABELS cli ENVIRONMENT
    "COVEY=$<TARGET_FILE:covey>")
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/its-man)
add_test(NAME cli.its-man COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/test_man_examples.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-its.1)
set_tests_properties(cli.its-man PROPERTIES LABELS cli
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/its-man)
