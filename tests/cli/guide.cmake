# SPDX-License-Identifier: BSD-2-Clause
# The programs of docs/guide/serve.md, compiled as they stand there but for
# the port, which the system chooses, so that tests do not meet.
set(guide_page ${PROJECT_SOURCE_DIR}/docs/guide/serve.md)
set(guide_tool ${CMAKE_CURRENT_LIST_DIR}/guide_extract.py)
foreach(name 1 2 3)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/guide_serve_${name}.c)
    add_custom_command(OUTPUT ${source}
        COMMAND Python3::Interpreter -B ${guide_tool} ${guide_page} ${name}
            ${source}
        DEPENDS ${guide_page} ${guide_tool} VERBATIM)
    add_executable(guide_serve_${name} ${source})
    covey_warnings(guide_serve_${name})
endforeach()
# Two with what is installed, and one as part of our build.
target_link_libraries(guide_serve_1 PRIVATE covey_serve_library)
target_link_libraries(guide_serve_3 PRIVATE covey_serve_library)
target_link_libraries(guide_serve_2 PRIVATE covey_serve covey_crypto_openssl)
add_test(NAME cli.guide COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_LIST_DIR}/test_guide.py $<TARGET_FILE:covey>
    $<TARGET_FILE:guide_serve_1> $<TARGET_FILE:guide_serve_2>
    $<TARGET_FILE:guide_serve_3>)
set_tests_properties(cli.guide PROPERTIES LABELS cli)
# What the other pages say, done as it stands there.
foreach(page lpwan v2x fleet groups)
    add_test(NAME cli.guide-${page} COMMAND Python3::Interpreter -B
        ${CMAKE_CURRENT_LIST_DIR}/test_guide_page.py
        $<TARGET_FILE_DIR:covey>:$<TARGET_FILE_DIR:covey-server>:$<TARGET_FILE_DIR:covey-proxy>:$<TARGET_FILE_DIR:covey-gm>:$<TARGET_FILE_DIR:covey-ctl>
        ${PROJECT_SOURCE_DIR}/include $<TARGET_FILE:covey_core>
        ${PROJECT_SOURCE_DIR}/docs/guide/${page}.md)
    set_tests_properties(cli.guide-${page} PROPERTIES LABELS cli
        SKIP_RETURN_CODE 77
        ENVIRONMENT "CC=${CMAKE_C_COMPILER} ${CMAKE_C_FLAGS}")
endforeach()
set_tests_properties(cli.guide-fleet cli.guide-groups PROPERTIES
    LABELS "cli;patient")
# The auditor's guide; what its report looks like in a browser.
set(guide_audit ${CMAKE_CURRENT_BINARY_DIR}/guide-audit)
add_test(NAME cli.guide-audit COMMAND Python3::Interpreter -B
    ${CMAKE_CURRENT_LIST_DIR}/test_guide_page.py
    $<TARGET_FILE_DIR:covey>:$<TARGET_FILE_DIR:covey-audit>:$<TARGET_FILE_DIR:covey-server>
    ${PROJECT_SOURCE_DIR}/include $<TARGET_FILE:covey_core>
    ${PROJECT_SOURCE_DIR}/docs/guide/audit.md ${guide_audit})
set_tests_properties(cli.guide-audit PROPERTIES LABELS cli
    SKIP_RETURN_CODE 77 FIXTURES_SETUP guide-audit)
add_test(NAME web.audit-report COMMAND node
    ${PROJECT_SOURCE_DIR}/tests/web/report.js ${PROJECT_SOURCE_DIR}/tests/npm
    ${guide_audit}/report-fr.html)
set_tests_properties(web.audit-report PROPERTIES LABELS "cli;patient"
    FIXTURES_REQUIRED guide-audit)
