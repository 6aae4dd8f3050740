# SPDX-License-Identifier: BSD-2-Clause
add_test(NAME cli.coap COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_coap_cli.py $<TARGET_FILE:covey>)
add_test(NAME cli.coap_tshark COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_coap_tshark.py $<TARGET_FILE:covey>)
add_test(NAME cli.coap_man COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_man_examples.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/docs/man/covey.1
    ${PROJECT_SOURCE_DIR}/docs/man/covey-coap.1)
set_tests_properties(cli.coap cli.coap_tshark cli.coap_man PROPERTIES
    LABELS cli)
