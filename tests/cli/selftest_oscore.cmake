# SPDX-License-Identifier: BSD-2-Clause
# covey selftest oscore on our own vectors, spoilt ones, and foreign files.
add_test(NAME cli.selftest_oscore COMMAND Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/test_selftest_oscore.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/tests/vectors/oscore)
add_test(NAME cli.selftest_group COMMAND Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/test_selftest_group.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/tests/vectors/oscore)
# Exit status 77: the vectors beside the project are absent.
add_test(NAME cli.selftest_published COMMAND Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/test_selftest_published.py
    $<TARGET_FILE:covey> ${PROJECT_SOURCE_DIR})
set_tests_properties(cli.selftest_published PROPERTIES SKIP_RETURN_CODE 77)
set_tests_properties(cli.selftest_oscore cli.selftest_group
    cli.selftest_published PROPERTIES LABELS cli)
