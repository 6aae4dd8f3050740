# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(server_config covey_server_config)
target_compile_definitions(fuzz_server_config PRIVATE
    _POSIX_C_SOURCE=200809L)
