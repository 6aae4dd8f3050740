# SPDX-License-Identifier: BSD-2-Clause
foreach(entry its_certificate its_signed its_list)
    covey_fuzz(${entry})
    target_link_libraries(fuzz_${entry} PRIVATE covey_crypto_scripted)
endforeach()
