# SPDX-License-Identifier: BSD-2-Clause
# `covey oscore` as a person calls it.
foreach(part oscore_vectors oscore_state oscore_refuse oscore_option
        test_oscore_tshark)
    string(REGEX REPLACE "^.*oscore_" "" name ${part})
    add_test(NAME cli.oscore-${name} COMMAND ${Python3_EXECUTABLE} -B
        ${CMAKE_CURRENT_LIST_DIR}/${part}.py)
    set_tests_properties(cli.oscore-${name} PROPERTIES LABELS cli ENVIRONMENT
        "COVEY=$<TARGET_FILE:covey>;COVEY_VECTORS=${PROJECT_SOURCE_DIR}/tests/vectors/oscore")
endforeach()

# The manuals: their commands, and the files that they show.
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/oscore-man)
add_test(NAME cli.oscore-man COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/test_man_examples.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-oscore.1
    ${PROJECT_SOURCE_DIR}/docs/man/covey-context.5)
add_test(NAME cli.context-man COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/test_context_man.py
    ${PROJECT_SOURCE_DIR}/docs/man/covey-context.5)
set_tests_properties(cli.oscore-man PROPERTIES LABELS cli
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/oscore-man)
set_tests_properties(cli.context-man PROPERTIES LABELS cli ENVIRONMENT
    "COVEY=$<TARGET_FILE:covey>;COVEY_VECTORS=${PROJECT_SOURCE_DIR}/tests/vectors/oscore")

# With a proxy in between that cuts messages.
add_test(NAME cli.oscore-outer COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/oscore_outer.py)
set_tests_properties(cli.oscore-outer PROPERTIES LABELS "cli;patient"
    TIMEOUT 900 ENVIRONMENT
    "COVEY=$<TARGET_FILE:covey>;COVEY_SERVER=$<TARGET_FILE:covey-server>")
