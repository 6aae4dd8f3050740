# SPDX-License-Identifier: BSD-2-Clause
add_test(NAME cli.member COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/test_member.py $<TARGET_FILE:covey-gm>
    $<TARGET_FILE:gm_fleet> $<TARGET_FILE:covey-server> $<TARGET_FILE:covey>)
add_test(NAME cli.member_late COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/member_late.py $<TARGET_FILE:covey-gm>
    $<TARGET_FILE:gm_fleet> $<TARGET_FILE:covey-server> $<TARGET_FILE:covey>)
add_test(NAME cli.member_observers COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/member_observers.py $<TARGET_FILE:covey-gm>
    $<TARGET_FILE:gm_fleet> $<TARGET_FILE:covey-server> $<TARGET_FILE:covey>)
set_tests_properties(cli.member PROPERTIES LABELS cli)
set_tests_properties(cli.member_late PROPERTIES LABELS "cli;patient"
    SKIP_RETURN_CODE 77)
set_tests_properties(cli.member_observers PROPERTIES LABELS "cli;patient")
