# SPDX-License-Identifier: BSD-2-Clause
# Of the program it has what reads; what is found comes to the target.
covey_fuzz(lint covey_address covey_conf covey_text covey_crypto_openssl
    covey_crypto_scripted PkgConfig::JANSSON)
target_sources(fuzz_lint PRIVATE
    ${PROJECT_SOURCE_DIR}/apps/covey-audit/lint_group.c
    ${PROJECT_SOURCE_DIR}/apps/covey-audit/lint_group_read.c
    ${PROJECT_SOURCE_DIR}/apps/covey-audit/lint_psk.c
    ${PROJECT_SOURCE_DIR}/apps/covey-audit/lint_secret.c)
target_include_directories(fuzz_lint PRIVATE ${PROJECT_SOURCE_DIR}
    ${PROJECT_SOURCE_DIR}/apps/covey-audit
    ${PROJECT_SOURCE_DIR}/shell/mandate)
target_compile_definitions(fuzz_lint PRIVATE _GNU_SOURCE)
