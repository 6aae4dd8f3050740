# SPDX-License-Identifier: BSD-2-Clause
# covey-audit: documents and decisions; nothing is sent.
foreach(name mandate refuse decide plan man lint lint_keys vuln import)
    add_test(NAME cli.audit-${name} COMMAND Python3::Interpreter
        ${CMAKE_CURRENT_SOURCE_DIR}/audit_${name}.py)
    set_tests_properties(cli.audit-${name} PROPERTIES LABELS cli
        ENVIRONMENT "COVEY_AUDIT=$<TARGET_FILE:covey-audit>")
endforeach()
# Whole runs of the program, one after the other.
set_tests_properties(cli.audit-vuln PROPERTIES LABELS "cli;patient" COST 50)
# Runs in namespaces, with every packet counted.
foreach(name run withdraw checks groups evidence report tls stages six)
    add_test(NAME cli.audit-${name} COMMAND Python3::Interpreter -B
        ${CMAKE_CURRENT_SOURCE_DIR}/audit_${name}.py)
    set_tests_properties(cli.audit-${name} PROPERTIES LABELS cli
        SKIP_RETURN_CODE 77 ENVIRONMENT
        "COVEY_AUDIT=$<TARGET_FILE:covey-audit>;COVEY_SERVER=$<TARGET_FILE:covey-server>")
endforeach()
add_test(NAME cli.audit-fence COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/audit_fence.py)
set_tests_properties(cli.audit-fence PROPERTIES LABELS "cli;patient" COST 50
    SKIP_RETURN_CODE 77
    ENVIRONMENT "COVEY_FENCE=$<TARGET_FILE:covey-fence>")
add_test(NAME cli.audit-tool COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/audit_tool.py)
set_tests_properties(cli.audit-tool PROPERTIES LABELS "cli;patient" COST 50
    SKIP_RETURN_CODE 77 ENVIRONMENT
    "COVEY_AUDIT=$<TARGET_FILE:covey-audit>;COVEY_FENCE=$<TARGET_FILE:covey-fence>")
# These wait more than they work.
set_tests_properties(cli.audit-run cli.audit-withdraw cli.audit-checks
    cli.audit-groups cli.audit-report cli.audit-tls cli.audit-stages cli.audit-six PROPERTIES LABELS "cli;patient" COST 50)
# What a check finds has its texts in both languages.
add_test(NAME rule.audit-texts COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/audit_texts.py)
set_tests_properties(rule.audit-texts PROPERTIES LABELS rule)
# Checks with certificates or contexts, over the wire.
foreach(name cert replay services)
    add_test(NAME cli.audit-${name} COMMAND Python3::Interpreter -B
        ${CMAKE_CURRENT_SOURCE_DIR}/audit_${name}.py)
    set_tests_properties(cli.audit-${name} PROPERTIES LABELS "cli;patient"
        COST 50 SKIP_RETURN_CODE 77 ENVIRONMENT
        "COVEY_AUDIT=$<TARGET_FILE:covey-audit>;COVEY_SERVER=$<TARGET_FILE:covey-server>;COVEY=$<TARGET_FILE:covey>")
endforeach()
set_property(TEST cli.audit-checks APPEND PROPERTY ENVIRONMENT
    "COVEY_PROXY=$<TARGET_FILE:covey-proxy>")
# Certificates of ITS are made by covey.
add_test(NAME cli.audit-lint_certs COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_SOURCE_DIR}/audit_lint_certs.py)
set_tests_properties(cli.audit-lint_certs PROPERTIES LABELS cli ENVIRONMENT
    "COVEY_AUDIT=$<TARGET_FILE:covey-audit>;COVEY=$<TARGET_FILE:covey>")
