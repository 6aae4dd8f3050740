# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(rules covey_rules)
target_compile_definitions(fuzz_rules PRIVATE _POSIX_C_SOURCE=200809L)

# The conformance runner, in front of the program's own sources.
covey_fuzz(selftest covey_rules covey_text PkgConfig::JANSSON)
target_sources(fuzz_selftest PRIVATE
    ${PROJECT_SOURCE_DIR}/apps/covey/selftest_report.c
    ${PROJECT_SOURCE_DIR}/apps/covey/selftest_schc.c
    ${PROJECT_SOURCE_DIR}/apps/covey/selftest_schc_case.c
    ${PROJECT_SOURCE_DIR}/apps/covey/selftest_schc_expect.c
    ${PROJECT_SOURCE_DIR}/apps/covey/selftest_schc_run.c)
target_include_directories(fuzz_selftest PRIVATE
    ${PROJECT_SOURCE_DIR}/apps/covey)
target_compile_definitions(fuzz_selftest PRIVATE _POSIX_C_SOURCE=200809L)
