# SPDX-License-Identifier: BSD-2-Clause
# `covey tls` with the programs of other libraries, and with itself.
foreach(part openssl gnutls its)
    add_test(NAME cli.tls-${part} COMMAND ${Python3_EXECUTABLE} -B
        ${CMAKE_CURRENT_LIST_DIR}/test_tls_${part}.py)
    set_tests_properties(cli.tls-${part} PROPERTIES LABELS cli
        SKIP_RETURN_CODE 77 TIMEOUT 900
        ENVIRONMENT "COVEY=$<TARGET_FILE:covey>")
endforeach()
