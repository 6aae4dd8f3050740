# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(its_certificate)
target_link_libraries(fuzz_its_certificate PRIVATE covey_crypto_scripted)
