/* SPDX-License-Identifier: BSD-2-Clause */
/* The description of a PKI that `covey its pki` reads: covey-its(1). */
#ifndef COVEY_APP_ITS_PLAN_H
#define COVEY_APP_ITS_PLAN_H

#include "its_args.h"

#include <conf.h>

enum {
    PLAN_CERTS_MAX = 64,
    PLAN_ITEMS_MAX = 64
};

/* A PSID with an SSP, or with a range of them. */
typedef struct plan_item {
    uint64_t psid;
    covey_bytes opaque;
    covey_bytes bitmap;
    covey_bytes value;
    covey_bytes mask;
} plan_item;

typedef struct plan_cert {
    const char *file; /* name of its files, without what follows the dot */
    const char *name;
    const char *craca;  /* the file of the CRACA's; NULL: none */
    const char *issuer; /* the file of another; NULL: self-signed */
    uint64_t start;     /* Time64; 0: now */
    uint64_t years;
    uint64_t hours;
    uint64_t crl_series;
    covey_its_alg alg;
    unsigned profile; /* in the order of its_plan.c */
    bool implicit;
    const plan_item *permissions;
    const plan_item *grants;
    const uint64_t *countries;
    size_t permission_count;
    size_t grant_count;
    size_t country_count;
} plan_cert;

enum {
    PLAN_ROOT,
    PLAN_AA,
    PLAN_EA,
    PLAN_AT,
    PLAN_RSU
};

typedef struct its_plan {
    conf_memory memory;
    const plan_cert *certs;
    size_t count;
} its_plan;

/* False after messages on standard error. */
bool its_plan_load(its_plan *plan, const char *path);
const plan_cert *its_plan_find(const its_plan *plan, const char *file);
void its_plan_free(its_plan *plan);

#endif
