# SPDX-License-Identifier: BSD-2-Clause
# The dissector of SCHC, in tshark and before luacheck.
set(dissector ${PROJECT_SOURCE_DIR}/share/wireshark)
add_test(NAME cli.wireshark COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_LIST_DIR}/test_wireshark.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/share)
add_test(NAME cli.wireshark_lint COMMAND luacheck --no-color --std lua52
    --max-line-length 79 --globals Proto ProtoField ProtoExpert expert Pref
    Dissector DissectorTable ByteArray -- ${dissector})
set_tests_properties(cli.wireshark cli.wireshark_lint PROPERTIES LABELS cli)
set_tests_properties(cli.wireshark PROPERTIES LABELS "cli;patient")
