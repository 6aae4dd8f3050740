# SPDX-License-Identifier: BSD-2-Clause
foreach(name server server_later server_libcoap server_reach server_tcp)
    add_test(NAME cli.${name} COMMAND Python3::Interpreter -B
        ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py
        $<TARGET_FILE:covey-server>)
    set_tests_properties(cli.${name} PROPERTIES LABELS cli)
endforeach()
add_test(NAME cli.server_conf_man COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_server_man.py
    $<TARGET_FILE:covey-server>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-server.conf.5)
add_test(NAME cli.server_man COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_man_examples.py
    $<TARGET_FILE:covey-server>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-server.8)
set_tests_properties(cli.server_conf_man cli.server_man PROPERTIES LABELS cli)
add_test(NAME cli.server_oscore COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_server_oscore.py
    $<TARGET_FILE:covey-server> $<TARGET_FILE:covey>)
set_tests_properties(cli.server_oscore PROPERTIES LABELS cli)
add_test(NAME cli.server_schc COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/schc_link.py
    $<TARGET_FILE:covey-server> $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/share/rules/coap-sensor.json)
set_tests_properties(cli.server_schc PROPERTIES LABELS cli)
foreach(name dtls secure workers)
    add_test(NAME cli.server_${name} COMMAND Python3::Interpreter -B
        ${CMAKE_CURRENT_SOURCE_DIR}/server_${name}.py)
    set_tests_properties(cli.server_${name} PROPERTIES LABELS cli ENVIRONMENT
        "COVEY=$<TARGET_FILE:covey>;COVEY_SERVER=$<TARGET_FILE:covey-server>")
endforeach()
add_test(NAME cli.server_postgres COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/server_postgres.py
    ${PROJECT_SOURCE_DIR}/tests/unit/store
    $<TARGET_FILE:covey-server> $<TARGET_FILE:covey>)
set_tests_properties(cli.server_postgres PROPERTIES LABELS cli
    SKIP_RETURN_CODE 77 TIMEOUT 900)
add_test(NAME cli.server_group COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/server_group.py
    $<TARGET_FILE:covey-server> $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/share/rules/coap-sensor.json)
set_tests_properties(cli.server_group PROPERTIES LABELS cli
    SKIP_RETURN_CODE 77)
add_test(NAME cli.server_tls COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/server_tls.py)
set_tests_properties(cli.server_tls PROPERTIES LABELS cli ENVIRONMENT
    "COVEY=$<TARGET_FILE:covey>;COVEY_SERVER=$<TARGET_FILE:covey-server>")
set_tests_properties(cli.server_later cli.server_libcoap PROPERTIES
    LABELS "cli;patient")
