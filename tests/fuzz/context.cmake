# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(context covey_context)
target_compile_definitions(fuzz_context PRIVATE _POSIX_C_SOURCE=200809L)
