/* SPDX-License-Identifier: BSD-2-Clause */
/* The figures for eight leaves are those that Certificate Transparency's
 * implementations share. */
#include <covey/audit.h>

#include "kit.h"

#include <crypto/openssl/openssl.h>

enum {
    LEAVES = 40
};

static covey_crypto crypto;
static covey_merkle_hash leaves[LEAVES];
static covey_merkle_hash roots[LEAVES + 1];

static const char *const entries[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};

static const char *const known_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static int set_up(void **state)
{
    covey_merkle t;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    covey_merkle_init(&t);
    CHECK_STATUS(COVEY_OK, covey_merkle_root(&t, &crypto, &roots[0]));
    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t storage[16] = { (uint8_t)i };
        covey_bytes entry = covey_bytes_of(storage, 1);

        if (i < COUNT_OF(entries)) {
            entry = kit_hex(entries[i], storage, sizeof storage);
        }
        CHECK_STATUS(COVEY_OK, covey_merkle_leaf(&crypto, entry, &leaves[i]));
        CHECK_STATUS(COVEY_OK, covey_merkle_add(&t, &crypto, &leaves[i]));
        CHECK_STATUS(COVEY_OK, covey_merkle_root(&t, &crypto, &roots[i + 1]));
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    covey_openssl_close(&crypto);
    return 0;
}

static covey_merkle_leaves tree_of(uint64_t count)
{
    const covey_merkle_leaves tree = { leaves, count };

    return tree;
}

static covey_merkle_head head_of(uint64_t count)
{
    const covey_merkle_head head = { count, roots[count] };

    return head;
}

static void known_trees_have_their_roots(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known_roots); i++) {
        CHECK_HEX(known_roots[i],
                  covey_bytes_of(roots[i].bytes, sizeof roots[i].bytes));
    }
}

/* Every way to spoil a proof must be noticed. */
static void spoil_inclusion(const covey_merkle_head *head, uint64_t index,
                            const covey_merkle_proof *good)
{
    covey_merkle_proof p = *good;

    for (uint32_t i = 0; i < good->count; i++) {
        p.nodes[i].bytes[i % COVEY_MERKLE_HASH] ^= 1;
        CHECK_STATUS(COVEY_E_AUTH,
                     covey_merkle_check_inclusion(&crypto, head, index,
                                                  &leaves[index], &p));
        p = *good;
    }
    p.nodes[p.count++] = roots[3];
    CHECK_STATUS(COVEY_E_AUTH, covey_merkle_check_inclusion(
                                   &crypto, head, index, &leaves[index], &p));
    if (good->count > 0) {
        p = *good;
        p.count--;
        CHECK_STATUS(COVEY_E_AUTH,
                     covey_merkle_check_inclusion(&crypto, head, index,
                                                  &leaves[index], &p));
    }
    for (uint64_t other = 0; other < head->size + 2; other++) {
        if (other != index) {
            CHECK_STATUS(COVEY_E_AUTH,
                         covey_merkle_check_inclusion(&crypto, head, other,
                                                      &leaves[index], good));
        }
    }
}

static void every_leaf_is_shown_to_be_in(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        const covey_merkle_leaves tree = tree_of(size);
        const covey_merkle_head head = head_of(size);

        for (uint64_t i = 0; i < size; i++) {
            covey_merkle_proof p;
            CHECK_STATUS(COVEY_OK,
                         covey_merkle_prove_inclusion(&crypto, &tree, i, &p));
            CHECK_STATUS(COVEY_OK, covey_merkle_check_inclusion(
                                       &crypto, &head, i, &leaves[i], &p));
            if (size < 18) {
                spoil_inclusion(&head, i, &p);
            }
        }
    }
}

static void spoil_consistency(uint64_t old_size, uint64_t new_size,
                              const covey_merkle_proof *good)
{
    const covey_merkle_head older = head_of(old_size);
    const covey_merkle_head newer = head_of(new_size);
    covey_merkle_proof p = *good;

    for (uint32_t i = 0; i < good->count; i++) {
        p.nodes[i].bytes[i % COVEY_MERKLE_HASH] ^= 1;
        CHECK_STATUS(COVEY_E_AUTH, covey_merkle_check_consistency(
                                       &crypto, &older, &newer, &p));
        p = *good;
    }
    p.nodes[p.count++] = roots[3];
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_merkle_check_consistency(&crypto, &older, &newer, &p));
    if (good->count > 0) {
        p = *good;
        p.count--;
        CHECK_STATUS(COVEY_E_AUTH, covey_merkle_check_consistency(
                                       &crypto, &older, &newer, &p));
    }
    covey_merkle_head wrong = older;
    wrong.root.bytes[7] ^= 0x10;
    CHECK_STATUS(COVEY_E_AUTH, covey_merkle_check_consistency(&crypto, &wrong,
                                                              &newer, good));
    wrong = newer;
    wrong.root.bytes[7] ^= 0x10;
    CHECK_STATUS(COVEY_E_AUTH, covey_merkle_check_consistency(&crypto, &older,
                                                              &wrong, good));
}

static void every_tree_is_shown_to_have_grown(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= LEAVES; n++) {
        const covey_merkle_leaves tree = tree_of(n);
        const covey_merkle_head newer = head_of(n);

        for (uint64_t m = 1; m <= n; m++) {
            const covey_merkle_head older = head_of(m);
            covey_merkle_proof p;

            CHECK_STATUS(COVEY_OK, covey_merkle_prove_consistency(
                                       &crypto, &tree, m, &p));
            CHECK_STATUS(COVEY_OK, covey_merkle_check_consistency(
                                       &crypto, &older, &newer, &p));
            if (n < 18) {
                spoil_consistency(m, n, &p);
            }
        }
    }
}

static void refuses_what_makes_no_sense(void **state)
{
    const covey_merkle_leaves tree = tree_of(5);
    const covey_merkle_head empty = head_of(0);
    const covey_merkle_head five = head_of(5);
    const covey_merkle_head six = head_of(6);
    covey_merkle_proof p = { .count = 77 };

    (void)state;
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_merkle_prove_inclusion(&crypto, &tree, 5, &p));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_merkle_prove_consistency(&crypto, &tree, 0, &p));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_merkle_prove_consistency(&crypto, &tree, 6, &p));
    assert_int_equal(77, p.count);
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_merkle_check_inclusion(&crypto, &five, 0, &leaves[0],
                                              &p)); /* 77 nodes */
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_merkle_check_consistency(&crypto, &five, &six, &p));
    p.count = 0;
    CHECK_STATUS(COVEY_E_AUTH, covey_merkle_check_inclusion(&crypto, &empty, 0,
                                                            &leaves[0], &p));
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_merkle_check_consistency(&crypto, &empty, &five, &p));
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_merkle_check_consistency(&crypto, &six, &five, &p));
    CHECK_STATUS(COVEY_E_AUTH,
                 covey_merkle_check_consistency(&crypto, &five, &six, &p));
}

static void a_tree_has_an_end(void **state)
{
    covey_merkle t;

    (void)state;
    covey_merkle_init(&t);
    t.size = UINT64_C(1) << 63;
    CHECK_STATUS(COVEY_E_EXHAUSTED, covey_merkle_add(&t, &crypto, &leaves[0]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_trees_have_their_roots),
        cmocka_unit_test(every_leaf_is_shown_to_be_in),
        cmocka_unit_test(every_tree_is_shown_to_have_grown),
        cmocka_unit_test(refuses_what_makes_no_sense),
        cmocka_unit_test(a_tree_has_an_end),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
