/* SPDX-License-Identifier: BSD-2-Clause */
/* What is refused, where, and which section says so. */
#include "context_text.h"

struct refusal {
    const char *why;
    const char *text;
    const char *message; /* part of what is printed */
};

/* clang-format off */
static const struct refusal rows[] = {
    /* documents */
    { "nothing", "", "t: error: not YAML: there is nothing in it" },
    { "no YAML", "a: [", "t:2:1: error: not YAML: " },
    { "a list", "- a\n",
      "t:1:3: error: expected keys and values of a context" },
    { "a word", "oscore", "expected keys and values of a context" },
    { "a second document", PLAIN "---\na: b\n",
      "t:6:1: error: expected one document, found another" },
    { "no YAML behind it", PLAIN "...\n\"", "not YAML" },
    { "a directive", "%YAML 1.2\n---\n" PLAIN,
      "t:1:1: error: directives are not taken here" },
    { "a directive after a byte order mark", "\xef\xbb\xbf%Y\n" PLAIN,
      "t:1:1: error: directives are not taken here" },
    { "a directive in the middle", PLAIN "%%%: a\n",
      "t:5:1: error: directives are not taken here" },
    { "no type", "master_secret: 01\n",
      "t:1:1: error: 'type' is missing (covey-context(5))" },
    { "another type", "type: dtls\n",
      "t:1:7: error: type: expected one of oscore, group, member, found 'dtls'" },
    { "a type that is a list", "type: [oscore]\n", "found a list" },
    { "a type that is a mapping", "type: {a: b}\n", "found a mapping" },
    { "a type that is nothing", "type:\n",
      "t:1:1: error: type: expected oscore, group, member, found nothing" },
    { "a key that is a list", "? [a]\n: b\n", "expected a key, found a list" },
    /* keys */
    { "an unknown key", PLAIN "master_sallt: 00\n",
      "t:5:1: error: 'master_sallt' is no key of a context of type oscore; it "
      "has type, master_secret," },
    { "a key of groups", PLAIN "gid: 00\n", "'gid' is no key" },
    { "a key that would be obeyed", PLAIN "\"\\e[1m\": 00\n",
      "t:5:1: error: '?[1m' is no key" },
    { "a key twice", PLAIN "sender_id: 03\n",
      "t:5:1: error: 'sender_id' comes twice" },
    { "the type twice", PLAIN "type: oscore\n", "'type' comes twice" },
    { "a key that is nothing", PLAIN "? \n: 00\n", "expected a key" },
    /* scalars */
    { "an alias", PLAIN "id_context: *a\n",
      "t:5:13: error: id_context: expected bytes in hex, found an alias" },
    { "a tag", PLAIN "id_context: !!binary AAAA\n", "or a tag of YAML" },
    { "no value", PLAIN "id_context:\n",
      "t:5:1: error: id_context: expected bytes in hex, found nothing; no "
      "bytes are written \"\"" },
    /* bytes */
    { "half a byte", PLAIN "id_context: 010\n",
      "expected two hex digits a byte, character 4 is none" },
    { "no digit", PLAIN "id_context: 0g\n", "character 2 is none" },
    { "no first digit", PLAIN "id_context: g0\n", "character 1 is none" },
    { "a separator in a byte", PLAIN "id_context: 0 1\n",
      "character 2 is none" },
    { "a prefix", PLAIN "id_context: 0x01\n", "character 2 is none" },
    { "a value in another file", PLAIN "id_context: file:x\n",
      "a value in another file is not taken here" },
    /* plain contexts */
    { "no master secret", "type: oscore\nsender_id: 01\nrecipient_id: 02\n",
      "'master_secret' is missing (RFC 8613 Section 3.2)" },
    { "an empty master secret",
      "type: oscore\nmaster_secret: ''\nsender_id: 01\nrecipient_id: 02\n",
      "t:2:16: error: master_secret: expected 1 to 1024 bytes in hex, found 0"
      " (RFC 8613 Section 3.2)" },
    { "no sender ID", "type: oscore\nmaster_secret: 01\nrecipient_id: 02\n",
      "'sender_id' is missing" },
    { "no recipient ID", "type: oscore\nmaster_secret: 01\nsender_id: 02\n",
      "'recipient_id' is missing" },
    { "an ID of 8 bytes", "type: oscore\nmaster_secret: 01\n"
      "sender_id: 0102030405060708\nrecipient_id: 02\n",
      "t:3:12: error: sender_id: expected 0 to 7 bytes in hex, found 8 (RFC "
      "8613 Section 3.3)" },
    { "an ID of 2 bytes beside a nonce of 7", "type: oscore\n"
      "aead: AES-CCM-64-64-128\nmaster_secret: 01\nsender_id: 01\n"
      "recipient_id: 0102\n",
      "recipient_id: expected 0 to 1 bytes in hex, found 2" },
    { "the same ID twice", "type: oscore\nmaster_secret: 01\nsender_id: 02\n"
      "recipient_id: 02\n",
      "t:4:15: error: recipient_id: expected another ID than sender_id" },
    { "both IDs empty", "type: oscore\nmaster_secret: 01\nsender_id: ''\n"
      "recipient_id: ''\n", "expected another ID than sender_id" },
    { "a cipher without tag", PLAIN "aead: A128CTR\n",
      "t:5:7: error: aead: expected an AEAD algorithm such as "
      "AES-CCM-16-64-128, found A128CTR (-65534) (RFC 8613 Section 3.2)" },
    { "a signature as AEAD", PLAIN "aead: ES256\n", "found ES256 (-7)" },
    { "an algorithm of TLS, which COSE has not",
      PLAIN "aead: AES-CCM-24-64-128\n",
      "found AES-CCM-24-64-128 (-65537)" },
    { "CBC by number", PLAIN "aead: -65531\n", "found A128CBC (-65531)" },
    { "an unknown number", PLAIN "aead: 99\n", "unknown algorithm (99)" },
    { "a number that is too large", PLAIN "aead: 99999999999\n",
      "found '99999999999'" },
    { "an unknown name", PLAIN "aead: AES-CCM\n", "found 'AES-CCM'" },
    { "a name that is too long", PLAIN "aead: "
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
      "expected an AEAD algorithm" },
    { "a name with a zero byte", PLAIN "aead: \"10\\0\"\n",
      "expected an AEAD algorithm" },
    { "an unknown HKDF", PLAIN "hkdf: SHA-1\n",
      "t:5:7: error: hkdf: expected an HKDF such as HKDF SHA-256 or 5, found "
      "'SHA-1' (RFC 8613 Section 3.2)" },
    { "an HKDF that is a list", PLAIN "hkdf: []\n", "found a list" },
    { "no number", PLAIN "sequence_number: x\n",
      "expected a number of 0 to 1099511627775, found 'x' (RFC 8613 Section "
      "7.2.1)" },
    { "a negative number", PLAIN "sequence_number: -1\n", "found '-1'" },
    { "a number of no digits", PLAIN "sequence_number: ''\n", "found ''" },
    { "a number that is a mapping", PLAIN "sequence_number: {}\n",
      "t:5:1: error: sequence_number: expected a number, found a mapping" },
    { "a number beyond the end", PLAIN "sequence_number: 1099511627776\n",
      "found '1099511627776'" },
    { "a number beyond 64 bits",
      PLAIN "sequence_number: 18446744073709551617\n",
      "found '18446744073709551617'" },
    { "a window of nothing", PLAIN "replay_window: 0\n",
      "expected a number of 1 to 32768, found '0'" },
    { "a window of 32769", PLAIN "replay_window: 32769\n", "1 to 32768" },
    /* groups */
    { "a key of plain contexts", GROUP "recipient_id: 01\n",
      "t:8:1: error: 'recipient_id' is no key of a context of type group" },
    { "no Gid", "type: group\n", "'gid' is missing (RFC 10021 Section 2.1)" },
    { "no curve", "type: group\n", "'curve' is missing" },
    { "no credential of the manager", "type: group\n",
      "'gm_credential' is missing" },
    { "no secret", "type: group\n", "'master_secret' is missing" },
    { "no mode", "type: group\n",
      "expected 'group_encryption' and 'signature' for group mode" },
    { "half of group mode", "type: group\nsignature: EdDSA\n",
      "t:2:12: error: signature: expected 'group_encryption' beside it" },
    { "the other half", "type: group\ngroup_encryption: 10\n",
      "expected 'signature' beside it" },
    { "half of pairwise mode", GROUP "aead: 10\n",
      "aead: expected 'pairwise_agreement' beside it" },
    { "its other half", GROUP "pairwise_agreement: -27\n",
      "pairwise_agreement: expected 'aead' beside it" },
    { "CTR as AEAD", GROUP "aead: A128CTR\npairwise_agreement: -27\n",
      "expected an AEAD algorithm" },
    { "CBC", "type: group\ngroup_encryption: A128CBC\n",
      "expected an algorithm for content encryption such as "
      "AES-CCM-16-64-128 or A128CTR, found A128CBC (-65531)" },
    { "an algorithm of TLS in a group",
      "type: group\ngroup_encryption: -65538\n",
      "found AES-CCM-24-128-128 (-65538)" },
    { "RSA", "type: group\nsignature: RS256\n",
      "expected a signature algorithm such as EdDSA, found RS256 (-257)" },
    { "an ephemeral key agreement",
      GROUP "aead: 10\npairwise_agreement: -25\n",
      "expected a key agreement algorithm such as ECDH-SS + HKDF-256, found "
      "ECDH-ES + HKDF-256 (-25)" },
    { "key agreement with another hash",
      GROUP "aead: 10\npairwise_agreement: -28\n",
      "expected the key agreement with the hash of 'hkdf', found ECDH-SS + "
      "HKDF-512" },
    { "a hash that no key agreement has",
      GROUP "hkdf: 6\naead: 10\npairwise_agreement: -27\n",
      "expected the key agreement with the hash of 'hkdf'" },
    { "a curve without signatures", "type: group\ncurve: X25519\n"
      "group_encryption: 10\nsignature: EdDSA\n",
      "signature: EdDSA makes no signatures with keys on X25519 (RFC 9053 "
      "Section 2)" },
    { "PS256", "type: group\ncurve: P-256\ngroup_encryption: 10\n"
      "signature: PS256\n", "PS256 makes no signatures with keys on P-256" },
    { "another curve", "type: group\ncurve: P-384\n",
      "t:2:8: error: curve: expected P-256, X25519 or Ed25519, found "
      "'P-384'" },
    { "another curve's number", "type: group\ncurve: 7\n", "found '7'" },
    { "a secret for checkers that is too short",
      GROUP_COMMON "signature_encryption_key: 00\n",
      "expected 16 bytes in hex, found 1" },
    { "both secrets", GROUP "signature_encryption_key: 00\n",
      "t:8:27: error: signature_encryption_key: a checker of signatures has "
      "neither 'master_secret' nor 'sender_id' (RFC 10021 Section 7.5)" },
    { "a checker that sends", GROUP_COMMON "sender_id: 01\nprivate_key: "
      KEY32 "\ncredential: " CCS_ED25519
      "\nsignature_encryption_key: 000102030405060708090a0b0c0d0e0f\n",
      "a checker of signatures has neither" },
    { "a sender without private key", GROUP "sender_id: 01\ncredential: "
      CCS_ED25519 "\n",
      "'private_key' is missing (RFC 10021 Section 2.2)" },
    { "a sender without credential",
      GROUP "sender_id: 01\nprivate_key: " KEY32 "\n",
      "'credential' is missing" },
    { "a private key without sender", GROUP "private_key: " KEY32 "\n",
      "'sender_id' is missing; without it a context has neither" },
    { "a credential without sender", GROUP "credential: a0\n",
      "'sender_id' is missing; without it a context has neither" },
    { "a private key of 31 bytes", GROUP "sender_id: 01\ncredential: "
      CCS_ED25519 "\nprivate_key: 01\n",
      "private_key: expected 32 bytes in hex, found 1" },
    { "a credential without key", GROUP "sender_id: 01\nprivate_key: " KEY32
      "\ncredential: a0\n",
      "t:10:13: error: credential: no public key can be taken from this CCS" },
    { "a credential on another curve", GROUP "sender_id: 01\nprivate_key: "
      KEY32 "\ncredential: " CCS_P256 "\n",
      "expected a key on the group's curve Ed25519, found P-256 (RFC 10021 "
      "Section 2.4)" },
    { "a Sender ID of 7 bytes with nonces of 12",
      "type: group\ngid: 01\ngroup_encryption: A128CTR\nsignature: EdDSA\n"
      "curve: Ed25519\ngm_credential: a0\nmaster_secret: 01\nprivate_key: "
      KEY32 "\ncredential: " CCS_ED25519 "\nsender_id: 01020304050607\n",
      "expected 0 to 6 bytes in hex, found 7 (RFC 10021 Section 2.2)" },
    { "an unknown policy", GROUP "late_joining: never\n",
      "expected one of echo, drop-first, manager, found 'never' (RFC 10021 "
      "Section 9)" },
    { "an unknown policy of kid", GROUP "kid: never\n",
      "expected one of when-needed, always" },
    { "an unknown state of windows", GROUP "replay_windows: lost\n",
      "expected one of valid, invalid" },
    { "a window of 32769 in a group", GROUP "replay_window: 32769\n",
      "1 to 32768" },
    { "a number beyond the end in a group",
      GROUP "sequence_number: 1099511627776\n", "RFC 8613 Section 7.2.1" },
    /* members */
    { "members that are no list", GROUP "members: 01\n",
      "t:8:10: error: members: expected a list" },
    { "a member that is a word", GROUP "members: [a]\n",
      "t:8:11: error: expected keys and values of a member" },
    { "a member without ID", GROUP "members: [{credential: a0}]\n",
      "'id' is missing (RFC 10021 Section 2.3)" },
    { "a member without credential", GROUP "members: [{id: 01}]\n",
      "'credential' is missing" },
    { "an unknown key of a member", GROUP "members: [{kid: 01}]\n",
      "'kid' is no key of a member; it has id, credential, public_key, roles, "
      "number" },
    { "a member's ID that is too long",
      GROUP "members: [{id: 0102030405060708, credential: a0}]\n",
      "expected 0 to 7 bytes in hex, found 8" },
    { "an opaque credential without key",
      GROUP "members: [{id: 01, credential: c0de}]\n",
      "a member may have a 'public_key' of its own" },
    { "a key on another curve", GROUP "members: [{id: 01, credential: "
      CCS_X25519 "}]\n", "found X25519" },
    { "a public key of 31 bytes",
      GROUP "members: [{id: 01, credential: a0, public_key: 01}]\n",
      "public_key: expected 32 to 133 bytes in hex, found 1" },
    { "an unknown role", GROUP "members: [{id: 01, credential: "
      CCS_ED25519 ", roles: [requester, server]}]\n",
      "expected one of requester, responder, monitor, verifier, found "
      "'server'" },
    { "a role that is a mapping", GROUP "members: [{id: 01, credential: "
      CCS_ED25519 ", roles: {a: b}}]\n", "found a mapping" },
    { "a number of a member beyond the end", GROUP
      "members: [{id: 01, credential: " CCS_ED25519
      ", number: 1099511627777}]\n", "found '1099511627777'" },
    { "two members with one ID", GROUP "members:\n- {id: 01, credential: "
      CCS_ED25519 "}\n- {id: 01, credential: " CCS_ED25519 "}\n",
      "t:10:4: error: expected an ID that no other member has" },
    { "a member with the own ID", MEMBER "members: [{id: 25, credential: "
      CCS_ED25519 "}]\n", "expected an ID that no other member has" },
};
/* clang-format on */

static void every_refusal_says_where_and_why(void **state)
{
    unsigned failed = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        kit_case(rows[i].why);
        struct load l = load_text(rows[i].text, strlen(rows[i].text));
        if (l.file != NULL || strstr(l.messages, rows[i].message) == NULL) {
            print_error("%s: got\n%s", rows[i].why, l.messages);
        }
        context_free(l.file);
        failed +=
            l.file != NULL || strstr(l.messages, rows[i].message) == NULL;
    }
    kit_case(NULL);
    assert_int_equal(0, failed);
}

/* Of a curve that no group has, nothing is said of the keys. */
static void another_curve_is_refused_once(void **state)
{
    static const char text[] =
        "type: group\ncurve: Ed448\n"
        "members: [{id: 52, credential: " CCS_ED25519 "}]\n";
    struct load l = load_text(text, sizeof text - 1);

    (void)state;
    assert_null(l.file);
    assert_non_null(strstr(l.messages, "found 'Ed448'"));
    assert_null(strstr(l.messages, "unknown curve"));
}

/* Secrets are not repeated where they may be logged. */
static void secrets_are_not_shown(void **state)
{
    static const char text[] = "type: oscore\nmaster_secret: c0ffee5\n";
    struct load l = load_text(text, sizeof text - 1);

    (void)state;
    assert_null(l.file);
    assert_null(strstr(l.messages, "c0ff"));
}

static void many_errors_are_cut(void **state)
{
    char text[4000] = "type: oscore\n";
    size_t len = strlen(text);
    size_t lines = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        memcpy(text + len, "unknown: 1\n", 11);
        len += 11;
    }
    struct load l = load_text(text, len);
    assert_null(l.file);
    for (const char *p = l.messages; (p = strchr(p, '\n')) != NULL; p++) {
        lines++;
    }
    assert_true(lines <= 21);
}

static void too_many_members_are_refused(void **state)
{
    static char text[40000];
    size_t at = (size_t)snprintf(text, sizeof text, GROUP "members: [");

    (void)state;
    for (int i = 0; i < 1025; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "{id: 01},");
    }
    snprintf(text + at, sizeof text - at, "]\n");
    struct load l = load_text(text, strlen(text));
    assert_null(l.file);
    assert_non_null(
        strstr(l.messages, "expected up to 1024 members, found 1025"));
}

static void long_texts_are_refused(void **state)
{
    char *text = malloc(CONF_FILE_MAX + 1);

    (void)state;
    assert_non_null(text);
    memset(text, ' ', CONF_FILE_MAX + 1);
    struct load l = load_text(text, CONF_FILE_MAX + 1);
    free(text);
    assert_null(l.file);
    assert_non_null(strstr(l.messages, "longer than 1048576 bytes"));
}

/* The secret and the private key have no more than their lengths allow. */
static void a_zero_byte_is_no_digit(void **state)
{
    static const char text[] = PLAIN "id_context: \"01\\0\"\n";
    struct load l = load_text(text, sizeof text - 1);

    (void)state;
    assert_null(l.file);
    assert_non_null(strstr(l.messages, "character 3 is none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_says_where_and_why),
        cmocka_unit_test(another_curve_is_refused_once),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(many_errors_are_cut),
        cmocka_unit_test(too_many_members_are_refused),
        cmocka_unit_test(long_texts_are_refused),
        cmocka_unit_test(a_zero_byte_is_no_digit),
    };
    return KIT_RUN(tests);
}
