# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(gm_config covey_gm_config)
target_compile_definitions(fuzz_gm_config PRIVATE _POSIX_C_SOURCE=200809L)
covey_fuzz(enrol covey_enrol)
target_compile_definitions(fuzz_enrol PRIVATE _POSIX_C_SOURCE=200809L)
