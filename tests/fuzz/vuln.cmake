# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(vuln covey_vuln)
target_compile_definitions(fuzz_vuln PRIVATE _POSIX_C_SOURCE=200809L)
covey_fuzz(vuln_version covey_vuln)
covey_fuzz(vuln_zip covey_vuln)
target_compile_definitions(fuzz_vuln_zip PRIVATE _POSIX_C_SOURCE=200809L)
