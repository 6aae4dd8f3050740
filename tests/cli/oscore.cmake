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
