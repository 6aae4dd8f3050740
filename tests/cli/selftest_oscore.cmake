# SPDX-License-Identifier: BSD-2-Clause
# covey selftest oscore on our own vectors, spoilt ones, and foreign files.
add_test(NAME cli.selftest_oscore COMMAND Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/test_selftest_oscore.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/tests/vectors/oscore)
set_tests_properties(cli.selftest_oscore PROPERTIES LABELS cli)
