# SPDX-License-Identifier: BSD-2-Clause
# Rule files exported as C, compiled with all of our warnings, and compared
# with the files. rules_everything.json has every kind of field, length,
# operator, action and setting in it, and texts that must not end a comment.
add_executable(rules_export_tool rules_export_tool.c)
target_link_libraries(rules_export_tool PRIVATE covey_rules)
covey_warnings(rules_export_tool)

set(vectors ${PROJECT_SOURCE_DIR}/tests/vectors/schc)
foreach(file ${CMAKE_CURRENT_SOURCE_DIR}/rules_everything.json
        ${vectors}/8824-update-09_section8.json
        ${vectors}/8824-update-09_section10_proxies.json
        ${vectors}/universal-option-01.json)
    get_filename_component(name ${file} NAME_WE)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/exported_${name}.c)
    add_custom_command(OUTPUT ${source}
        COMMAND rules_export_tool c ${file} ${source}
        DEPENDS rules_export_tool ${file} VERBATIM)
    add_executable(exported_${name} rules_export_tool.c ${source})
    target_compile_definitions(exported_${name} PRIVATE EXPORTED)
    target_link_libraries(exported_${name} PRIVATE covey_rules)
    covey_warnings(exported_${name})
    add_test(NAME cli.rules_export_c_${name} COMMAND Python3::Interpreter
        ${CMAKE_CURRENT_SOURCE_DIR}/test_rules_export_c.py
        $<TARGET_FILE:rules_export_tool> $<TARGET_FILE:exported_${name}>
        ${source} "$<TARGET_OBJECTS:exported_${name}>" ${file})
    set_tests_properties(cli.rules_export_c_${name} PROPERTIES LABELS cli)
endforeach()

# The file that covey-rules(5) shows, and what the pages show as printed.
add_test(NAME cli.rules_man_file COMMAND Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/test_rules_man.py
    $<TARGET_FILE:rules_export_tool>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-rules.5)
add_test(NAME cli.rules_man COMMAND Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/test_man_examples.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-rules.5
    ${PROJECT_SOURCE_DIR}/docs/man/covey-selftest.1)
set_tests_properties(cli.rules_man_file cli.rules_man PROPERTIES
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} LABELS cli)
