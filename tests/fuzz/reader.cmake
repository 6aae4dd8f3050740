# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(reader covey_address covey_capture covey_text covey_crypto_openssl
    EXPAT::EXPAT)
foreach(source read_nmap read_pcap read_security read_shadowserver
        reader_lines)
    target_sources(fuzz_reader PRIVATE
        ${PROJECT_SOURCE_DIR}/apps/covey-audit/${source}.c)
endforeach()
target_include_directories(fuzz_reader PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_definitions(fuzz_reader PRIVATE _GNU_SOURCE)
find_package(EXPAT REQUIRED)
