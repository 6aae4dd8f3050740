/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the IANA registries of TLS, for messages to people. */
#include <covey/tls.h>

struct row {
    unsigned id;
    const char *name;
};

/* clang-format off */
static const struct row suites[] = {
    { 0x1301, "TLS_AES_128_GCM_SHA256" },
    { 0x1302, "TLS_AES_256_GCM_SHA384" },
    { 0x1303, "TLS_CHACHA20_POLY1305_SHA256" },
    { 0x1304, "TLS_AES_128_CCM_SHA256" },
    { 0x1305, "TLS_AES_128_CCM_8_SHA256" },
};

static const struct row groups[] = {
    { 0x0017, "secp256r1" },
    { 0x0018, "secp384r1" },
    { 0x001d, "x25519" },
};

/* RFC 8446 Section 6, RFC 7301 */
static const struct row alerts[] = {
    {   0, "close_notify" },
    {  10, "unexpected_message" },
    {  20, "bad_record_mac" },
    {  22, "record_overflow" },
    {  40, "handshake_failure" },
    {  42, "bad_certificate" },
    {  43, "unsupported_certificate" },
    {  44, "certificate_revoked" },
    {  45, "certificate_expired" },
    {  46, "certificate_unknown" },
    {  47, "illegal_parameter" },
    {  48, "unknown_ca" },
    {  49, "access_denied" },
    {  50, "decode_error" },
    {  51, "decrypt_error" },
    {  70, "protocol_version" },
    {  71, "insufficient_security" },
    {  80, "internal_error" },
    {  86, "inappropriate_fallback" },
    {  90, "user_canceled" },
    { 109, "missing_extension" },
    { 110, "unsupported_extension" },
    { 112, "unrecognized_name" },
    { 113, "bad_certificate_status_response" },
    { 115, "unknown_psk_identity" },
    { 116, "certificate_required" },
    { 120, "no_application_protocol" },
};
/* clang-format on */

static const char *name_of(const struct row *rows, size_t count, unsigned id)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].id == id) {
            return rows[i].name;
        }
    }
    return NULL;
}

const char *covey_tls_suite_name(unsigned suite)
{
    return name_of(suites, sizeof suites / sizeof suites[0], suite);
}

const char *covey_tls_group_name(unsigned group)
{
    return name_of(groups, sizeof groups / sizeof groups[0], group);
}

const char *covey_tls_alert_name(unsigned alert)
{
    const char *name =
        name_of(alerts, sizeof alerts / sizeof alerts[0], alert);

    return name ? name : "unknown";
}
