# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(evidence covey_evidence covey_mandate covey_crypto_scripted)
target_include_directories(fuzz_evidence PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_definitions(fuzz_evidence PRIVATE _POSIX_C_SOURCE=200809L)
