/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider fails at each of its calls: what it says comes through, no
 * hash is left behind, and nothing has changed. */
#include <covey/audit.h>

#include "kit.h"

#include <crypto/scripted/scripted.h>

enum {
    LEAVES = 7
};

static covey_scripted script;
static covey_crypto crypto;
static covey_merkle_hash leaves[LEAVES];
static covey_merkle tree;
static covey_merkle_head older;
static covey_merkle_head newer;
static covey_merkle_proof inclusion;
static covey_merkle_proof consistency;
static const covey_merkle_leaves all = { leaves, LEAVES };

static int set_up(void **state)
{
    (void)state;
    covey_scripted_open(&script, NULL, &crypto);
    covey_merkle_init(&tree);
    for (uint8_t i = 0; i < LEAVES; i++) {
        CHECK_STATUS(
            COVEY_OK,
            covey_merkle_leaf(&crypto, covey_bytes_of(&i, 1), &leaves[i]));
        CHECK_STATUS(COVEY_OK, covey_merkle_add(&tree, &crypto, &leaves[i]));
        if (i == 4) {
            older.size = 5;
            CHECK_STATUS(COVEY_OK,
                         covey_merkle_root(&tree, &crypto, &older.root));
        }
    }
    newer.size = LEAVES;
    CHECK_STATUS(COVEY_OK, covey_merkle_root(&tree, &crypto, &newer.root));
    CHECK_STATUS(COVEY_OK,
                 covey_merkle_prove_inclusion(&crypto, &all, 4, &inclusion));
    CHECK_STATUS(COVEY_OK, covey_merkle_prove_consistency(&crypto, &all, 5,
                                                          &consistency));
    return 0;
}

/* --- the operations ------------------------------------------------------ */

/* What an operation may write, to see that it does not. */
typedef union output {
    covey_merkle_hash hash;
    covey_merkle tree;
    covey_merkle_proof proof;
} output;

typedef covey_status operation(output *o);

static covey_status leaf(output *o)
{
    return covey_merkle_leaf(&crypto, SPAN("entry"), &o->hash);
}

static covey_status add(output *o)
{
    return covey_merkle_add(&o->tree, &crypto, &leaves[0]);
}

static covey_status root(output *o)
{
    return covey_merkle_root(&tree, &crypto, &o->hash);
}

static covey_status prove_inclusion(output *o)
{
    return covey_merkle_prove_inclusion(&crypto, &all, 4, &o->proof);
}

static covey_status prove_consistency(output *o)
{
    return covey_merkle_prove_consistency(&crypto, &all, 5, &o->proof);
}

static covey_status check_inclusion(output *o)
{
    (void)o;
    return covey_merkle_check_inclusion(&crypto, &newer, 4, &leaves[4],
                                        &inclusion);
}

static covey_status check_consistency(output *o)
{
    (void)o;
    return covey_merkle_check_consistency(&crypto, &older, &newer,
                                          &consistency);
}

static void survives_every_failure(void **state)
{
    static operation *const operations[] = {
        leaf,
        add,
        root,
        prove_inclusion,
        prove_consistency,
        check_inclusion,
        check_consistency,
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        covey_status st = COVEY_E_CRYPTO;
        int n = 0;

        for (; st != COVEY_OK; n++) {
            static output o;
            static output before;

            memset(&o, 0, sizeof o);
            o.tree = tree;
            before = o;
            covey_scripted_rewind(&script, n);
            st = operations[i](&o);
            assert_int_equal(0, script.live);
            if (st != COVEY_OK) {
                CHECK_STATUS(COVEY_E_CRYPTO, st);
                assert_memory_equal(&before, &o, sizeof o);
            }
            assert_true(n < 200);
        }
        assert_true(n > 3); /* begin, update, finish at least */
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_every_failure),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
