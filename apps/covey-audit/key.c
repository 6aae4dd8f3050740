/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit key: what stands in a mandate for a private key. */
#include "audit.h"

#include <crypto/openssl/openssl.h>

int cmd_key(int argc, char **argv)
{
    static const audit_usage usage = { "key", "", "FILE" };
    char text[MANDATE_KEY_TEXT_MAX];
    audit_args a;
    covey_crypto crypto;
    covey_key own;
    mandate_key key;
    int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count != 1) {
        return audit_fail("key", AUDIT_USAGE, "expected one file");
    }
    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return audit_fail("key", AUDIT_IO, "libcrypto failed");
    }
    status = AUDIT_IO;
    if (mandate_key_load(a.files[0], &crypto, &own, &key, stderr)) {
        puts(mandate_key_text(&key, text));
        crypto.key_drop(crypto.provider, &own);
        status = AUDIT_DONE;
    }
    covey_openssl_close(&crypto);
    return status;
}
