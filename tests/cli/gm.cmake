# SPDX-License-Identifier: BSD-2-Clause
add_test(NAME cli.gm COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_gm.py $<TARGET_FILE:covey-gm>
    $<TARGET_FILE:gm_fleet>)
add_test(NAME cli.gm_config COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_gm_config.py $<TARGET_FILE:covey-gm>
    $<TARGET_FILE:gm_fleet> ${PROJECT_SOURCE_DIR}/docs/man)
add_test(NAME cli.gm_man COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_man_examples.py $<TARGET_FILE:covey-gm>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-gm.8)
set_tests_properties(cli.gm cli.gm_config cli.gm_man PROPERTIES LABELS cli)
