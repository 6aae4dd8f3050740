# SPDX-License-Identifier: BSD-2-Clause
add_test(NAME cli.proxy COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_proxy.py $<TARGET_FILE:covey-proxy>)
add_test(NAME cli.proxy_paths COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_proxy_paths.py
    $<TARGET_FILE:covey-proxy>)
add_test(NAME cli.proxy_shared COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_proxy_shared.py
    $<TARGET_FILE:covey-proxy>)
add_test(NAME cli.proxy_config COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_proxy_config.py
    $<TARGET_FILE:covey-proxy>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-proxy.conf.5
    ${PROJECT_SOURCE_DIR}/share/rules/coap-sensor.json)
add_test(NAME cli.proxy_man COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_man_examples.py
    $<TARGET_FILE:covey-proxy> ${PROJECT_SOURCE_DIR}/docs/man/covey-proxy.8)
add_test(NAME cli.proxy_oscore COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_proxy_oscore.py
    $<TARGET_FILE:covey-proxy> $<TARGET_FILE:covey>)
add_test(NAME cli.proxy_legs COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_proxy_legs.py
    $<TARGET_FILE:covey-proxy> $<TARGET_FILE:covey>)
set_tests_properties(cli.proxy cli.proxy_paths cli.proxy_shared cli.proxy_legs cli.proxy_oscore cli.proxy_config cli.proxy_man PROPERTIES
    LABELS cli)
add_test(NAME cli.proxy_libcoap COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/proxy_libcoap.py $<TARGET_FILE:covey-proxy>)
set_tests_properties(cli.proxy_libcoap PROPERTIES LABELS cli ENVIRONMENT
    "COVEY=$<TARGET_FILE:covey>")
add_test(NAME cli.proxy-fifty COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/proxy_fifty.py)
set_tests_properties(cli.proxy-fifty PROPERTIES LABELS cli COST 100
    SKIP_RETURN_CODE 77 TIMEOUT 900 ENVIRONMENT
    "COVEY=$<TARGET_FILE:covey>;COVEY_SERVER=$<TARGET_FILE:covey-server>;COVEY_PROXY=$<TARGET_FILE:covey-proxy>")
add_test(NAME cli.proxy_attacks COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_proxy_attacks.py
    $<TARGET_FILE:covey-proxy> $<TARGET_FILE:covey>)
set_tests_properties(cli.proxy_attacks PROPERTIES LABELS cli COST 100)
