# SPDX-License-Identifier: BSD-2-Clause
# The conformance runner on our own vectors, on those beside the project, and
# on spoilt ones.
add_test(NAME cli.selftest COMMAND Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/test_selftest.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/tests/vectors/schc)
add_test(NAME cli.selftest_mutations COMMAND Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/test_selftest_mutations.py
    $<TARGET_FILE:covey> ${PROJECT_SOURCE_DIR}/tests/vectors/schc)
# Exit status 77: the vectors beside the project are absent.
add_test(NAME cli.selftest_shared COMMAND Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/test_selftest_shared.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR})
set_tests_properties(cli.selftest_shared PROPERTIES SKIP_RETURN_CODE 77)
set_tests_properties(cli.selftest cli.selftest_mutations cli.selftest_shared
    PROPERTIES LABELS cli)
