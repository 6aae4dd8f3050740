# SPDX-License-Identifier: BSD-2-Clause
# The status page, by hand and, in tests/web, with a browser.
add_test(NAME cli.status COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_LIST_DIR}/test_status.py $<TARGET_FILE:covey-server>
    $<TARGET_FILE:covey>)
set_tests_properties(cli.status PROPERTIES LABELS cli)
add_test(NAME web.status COMMAND node ${PROJECT_SOURCE_DIR}/tests/web/status.js
    $<TARGET_FILE:covey-server> $<TARGET_FILE:covey-proxy>
    $<TARGET_FILE:covey-gm> $<TARGET_FILE:gm_fleet> $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/tests/npm)
set_tests_properties(web.status PROPERTIES LABELS "cli;patient")
