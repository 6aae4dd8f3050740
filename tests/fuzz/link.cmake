# SPDX-License-Identifier: BSD-2-Clause
# What carries messages: streams and thin links.
covey_fuzz(tcp covey_tcp covey_address)
covey_fuzz(schc_link covey_schc_link)
target_compile_definitions(fuzz_schc_link PRIVATE
    FUZZ_RULES="${PROJECT_SOURCE_DIR}/share/rules/")
target_compile_definitions(fuzz_tcp PRIVATE _DEFAULT_SOURCE)
