# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(mandate covey_mandate covey_conf)
target_include_directories(fuzz_mandate PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_definitions(fuzz_mandate PRIVATE _POSIX_C_SOURCE=200809L)
