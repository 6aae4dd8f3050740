# SPDX-License-Identifier: BSD-2-Clause
# `covey get` and the other verbs that talk to servers: with peers that do
# what they like, with libcoap's server, with OSCORE, with groups.
foreach(part peer malformed observe oscore group tcp dtls)
    set(classes)
    if(part STREQUAL tcp)
        set(classes OverTcp4 Peers) # the other one is below
    endif()
    add_test(NAME cli.request-${part} COMMAND ${Python3_EXECUTABLE} -B
        ${CMAKE_CURRENT_LIST_DIR}/request_${part}.py ${classes})
    set_tests_properties(cli.request-${part} PROPERTIES LABELS cli
        TIMEOUT 900 ENVIRONMENT "COVEY=$<TARGET_FILE:covey>")
endforeach()
set_tests_properties(cli.request-group PROPERTIES SKIP_RETURN_CODE 77)
foreach(version 4 6)
    add_test(NAME cli.request-libcoap${version} COMMAND ${Python3_EXECUTABLE}
        -B ${CMAKE_CURRENT_LIST_DIR}/request_libcoap.py OverIPv${version})
    set_tests_properties(cli.request-libcoap${version} PROPERTIES LABELS cli
        TIMEOUT 900 ENVIRONMENT "COVEY=$<TARGET_FILE:covey>")
endforeach()
add_test(NAME cli.request-libcoap6-tcp COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/request_tcp.py OverTcp6)
set_tests_properties(cli.request-libcoap6-tcp PROPERTIES LABELS "cli;patient"
    TIMEOUT 900 ENVIRONMENT "COVEY=$<TARGET_FILE:covey>")
# These wait much and work little: first come, and others run beside them.
set_tests_properties(cli.request-group cli.request-observe
    cli.request-libcoap4 PROPERTIES COST 100)

add_test(NAME cli.request-secure COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/request_secure.py)
set_tests_properties(cli.request-secure PROPERTIES LABELS cli
    SKIP_RETURN_CODE 77 TIMEOUT 900 ENVIRONMENT
    "COVEY=$<TARGET_FILE:covey>;COVEY_SERVER=$<TARGET_FILE:covey-server>")

add_test(NAME cli.request-proxy COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/request_proxy.py)
set_tests_properties(cli.request-proxy PROPERTIES LABELS cli TIMEOUT 900
    COST 100 ENVIRONMENT
    "COVEY=$<TARGET_FILE:covey>;COVEY_PROXY=$<TARGET_FILE:covey-proxy>")

add_test(NAME cli.request-man COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/request_man.py
    ${PROJECT_SOURCE_DIR}/docs/man/covey-get.1)
set_tests_properties(cli.request-man PROPERTIES LABELS cli
    SKIP_RETURN_CODE 77
    ENVIRONMENT "COVEY=$<TARGET_FILE:covey>")
# As long, and what is over IPv4 has been tried.
set_tests_properties(cli.request-libcoap6 cli.request-proxy
    PROPERTIES LABELS "cli;patient")
