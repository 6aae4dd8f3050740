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
add_test(NAME cli.gm_status COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_gm_status.py $<TARGET_FILE:covey-gm>
    $<TARGET_FILE:gm_fleet>)
set_tests_properties(cli.gm cli.gm_config cli.gm_man cli.gm_status
    PROPERTIES LABELS cli)
add_test(NAME cli.ctl COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_ctl.py $<TARGET_FILE:covey>
    $<TARGET_FILE:covey-gm> $<TARGET_FILE:gm_fleet>)
add_test(NAME cli.ctl_man COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_man_examples.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-ctl.1)
# covey looks for covey-ctl beside it, where it is installed, and in the path.
set_tests_properties(cli.ctl cli.ctl_man PROPERTIES LABELS cli
    ENVIRONMENT "PATH=$<TARGET_FILE_DIR:covey-ctl>:$ENV{PATH}")
add_test(NAME cli.group_admin COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_group_admin.py $<TARGET_FILE:covey>
    $<TARGET_FILE:covey-gm> $<TARGET_FILE:gm_fleet>)
set_tests_properties(cli.group_admin PROPERTIES LABELS cli)
add_test(NAME cli.group_admin_man COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_man_examples.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-group-admin.1)
set_tests_properties(cli.group_admin_man PROPERTIES LABELS cli)
add_test(NAME cli.check_config COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_check_config.py $<TARGET_FILE:covey-gm>
    $<TARGET_FILE:covey-server> $<TARGET_FILE:covey-proxy>
    $<TARGET_FILE:gm_fleet> ${PROJECT_SOURCE_DIR}/share/rules/coap-sensor.json)
set_tests_properties(cli.check_config PROPERTIES LABELS cli
    ENVIRONMENT "COVEY=$<TARGET_FILE:covey>")
