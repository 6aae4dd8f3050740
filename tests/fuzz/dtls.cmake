# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(dtls_server covey_dtls covey_kit)
target_sources(fuzz_dtls_server PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/unit/dtls/world.c)
target_include_directories(fuzz_dtls_server PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/unit/dtls)
covey_fuzz(dtls_client covey_dtls covey_kit)
target_sources(fuzz_dtls_client PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/unit/dtls/world.c)
target_include_directories(fuzz_dtls_client PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/unit/dtls)
