# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(tls)
target_link_libraries(fuzz_tls PRIVATE covey_crypto_scripted covey_kit)
target_sources(fuzz_tls PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/its/make.c)
target_include_directories(fuzz_tls PRIVATE ${PROJECT_SOURCE_DIR}/core/tls
    ${PROJECT_SOURCE_DIR}/tests/unit/its)
