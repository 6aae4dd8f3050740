/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything that Group Manager and members send each other: the first byte
 * chooses who reads the rest. What is read lies inside, lists end where they
 * say, and what is written from it is read the same again. */
#include <covey/keying.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t storage[1 << 17];

static void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void check_inside(covey_bytes part, covey_bytes whole)
{
    if (part.ptr != NULL) {
        oracle(part.ptr >= whole.ptr &&
               part.ptr + part.len <= whole.ptr + whole.len);
    }
}

static void read_list(covey_bytes array)
{
    covey_keying_list it;
    covey_bytes next;
    size_t left;

    if (covey_keying_list_of(&it, array) != COVEY_OK) {
        return;
    }
    left = it.left;
    for (; covey_keying_list_next(&it, &next); left--) {
        check_inside(next, array);
        oracle(next.ptr != NULL);
    }
    oracle(left == 0);
}

static void read_peers(const covey_bytes *values)
{
    covey_keying_peers it;
    covey_keying_peer peer;

    if (covey_keying_peers_of(&it, values) != COVEY_OK) {
        return;
    }
    while (covey_keying_peers_next(&it, &peer)) {
        oracle(peer.credential.ptr != NULL && peer.id.ptr != NULL);
        oracle((peer.roles & ~COVEY_KEYING_ROLES) == 0);
    }
    oracle(it.left == 0);
}

static void read_filter(covey_bytes item)
{
    covey_keying_filter f;

    if (covey_keying_filter_parse(&f, item) == COVEY_OK) {
        const bool empty = covey_keying_filter_is_empty(&f);
        const bool taken =
            covey_keying_filter_takes(&f, 6, covey_bytes_text("id"));

        oracle(!empty || taken == !f.include);
    }
}

static void write_keys(const covey_keying_keys *k)
{
    const covey_keying_material m = {
        .suite = k->has_suite ? &k->suite : NULL,
        .ms = k->ms,
        .salt = k->salt,
        .gid = k->gid,
        .sender_id = k->sender_id,
        .num = k->num,
        .exi = k->exi,
    };
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_keying_keys again;

    covey_keying_put_material(&w, &m);
    covey_keying_put_material_rest(&w, &m);
    /* cred_fmt 0 or hkdf 0, which are reserved, are not written. */
    if (w.failed != COVEY_OK ||
        (k->has_suite && (k->suite.cred_fmt == 0 || k->suite.hkdf == 0))) {
        return;
    }
    oracle(covey_keying_parse(values, COVEY_KEYING_GROUPCOMM,
                              covey_written(&w)) == COVEY_OK);
    /* Ed25519 keys that only agree come back as X25519. */
    oracle(covey_keying_keys_of(&again, values) == COVEY_OK);
    oracle(covey_bytes_equal(again.ms, k->ms) &&
           covey_bytes_equal(again.gid, k->gid) && again.num == k->num &&
           again.has_suite == k->has_suite);
}

static void read_message(covey_bytes input)
{
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_keying_keys k;
    uint64_t number;

    if (covey_keying_parse(v, COVEY_KEYING_GROUPCOMM, input) != COVEY_OK) {
        return;
    }
    for (size_t i = 0; i < COVEY_KEYING_VALUES; i++) {
        check_inside(v[i], input);
    }
    if (covey_keying_keys_of(&k, v) == COVEY_OK && !k.empty) {
        check_inside(k.ms, input);
        check_inside(k.gid, input);
        write_keys(&k);
    }
    read_peers(v);
    read_list(v[COVEY_GC_STALE_NODE_IDS]);
    read_list(v[COVEY_GC_GID]);
    read_filter(v[COVEY_GC_GET_CREDS]);
    (void)covey_keying_number_of(v[COVEY_GC_NUMBERS], covey_bytes_text("id"),
                                 &number);
}

static void read_scope(covey_bytes input)
{
    covey_keying_scope s;
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)covey_keying_scope_allows(input, covey_bytes_text("group1"), false);
    (void)covey_keying_scope_admin(input);
    if (covey_keying_scope_parse(&s, input) == COVEY_OK) {
        covey_keying_scope again;

        covey_keying_put_scope(&w, s.group, s.tperm);
        if (w.failed == COVEY_OK) {
            oracle(covey_keying_scope_parse(&again, covey_written(&w)) ==
                   COVEY_OK);
            oracle(covey_bytes_equal(s.group, again.group) &&
                   s.tperm == again.tperm);
        }
    }
}

static void read_info(covey_bytes input)
{
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_keying_info info;
    covey_keying_info again;

    if (covey_keying_info_parse(&info, input) == COVEY_OK) {
        check_inside(info.kdcchallenge, input);
        covey_keying_put_info(&w, &info);
        if (w.failed == COVEY_OK) {
            oracle(covey_keying_info_parse(&again, covey_written(&w)) ==
                   COVEY_OK);
            oracle(again.suite.signature == info.suite.signature &&
                   covey_bytes_equal(again.kdcchallenge, info.kdcchallenge));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_bytes input;
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_keying_error error;

    if (size == 0) {
        return 0;
    }
    input = covey_bytes_of(data + 1, size - 1);
    switch (data[0] % 5) {
    case 0:
        read_message(input);
        break;
    case 1:
        read_scope(input);
        break;
    case 2:
        read_info(input);
        break;
    case 3:
        if (covey_keying_problem_parse(&error, input) == COVEY_OK) {
            oracle(error < COVEY_KEYING_ERRORS);
        }
        oracle(covey_keying_problem_title(input).len < input.len ||
               input.len == 0);
        break;
    default:
        oracle(covey_keying_parse(v, COVEY_KEYING_CONFIG, input) == COVEY_OK ||
               v[COVEY_CONF_ACTIVE].ptr == NULL);
        break;
    }
    return 0;
}
