# SPDX-License-Identifier: BSD-2-Clause
# `covey schc` as a person calls it; nothing but the standard library.
foreach(part codec rules pcap)
    add_test(NAME cli.schc-${part}
        COMMAND ${Python3_EXECUTABLE} -B
            ${CMAKE_CURRENT_LIST_DIR}/schc_${part}.py)
    set_tests_properties(cli.schc-${part} PROPERTIES LABELS cli ENVIRONMENT
        "COVEY=$<TARGET_FILE:covey>;CC=${CMAKE_C_COMPILER};NO_COLOR=1")
endforeach()

add_test(NAME cli.schc-man COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/test_man_examples.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-schc.1)
set_tests_properties(cli.schc-man PROPERTIES LABELS cli
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
