# SPDX-License-Identifier: BSD-2-Clause
# What a packager gets beside the programs: units that are shut tight,
# configurations that are good, and completions that complete.
add_test(NAME cli.packaging COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_LIST_DIR}/test_packaging.py
    $<TARGET_FILE:covey-server> $<TARGET_FILE:covey-proxy>
    $<TARGET_FILE:covey-gm>
    ${PROJECT_BINARY_DIR})
set_tests_properties(cli.packaging PROPERTIES LABELS cli)
