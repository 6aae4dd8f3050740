# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(proxy_origin)
covey_fuzz(proxy_request)
covey_fuzz(proxy_config covey_proxy_config)
target_compile_definitions(fuzz_proxy_config PRIVATE _POSIX_C_SOURCE=200809L)
