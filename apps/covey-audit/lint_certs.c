/* SPDX-License-Identifier: BSD-2-Clause */
/* TL-03 without a packet: certificates in files are judged by what judges them
 * when a server shows them. A file of X.509 is a chain, the end entity first;
 * one of ITS is one certificate, and the others are its issuers. */
#include "lint.h"

#include "cert.h"
#include "inventory.h"

#include <its_trust.h>
#include <system_address.h>

#include <covey/its.h>
#include <covey/x509.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILES_MAX = 64,
    DER_MAX = 1 << 16
};

struct its_file {
    uint8_t *bytes; /* NULL: the file is none of ITS */
    size_t len;
};

struct looking {
    lint *l;
    inventory *inventory;
    covey_address host;
    struct its_file its[FILES_MAX];
};

/* Too large for a stack. */
static probe judge;

static void found(void *user, enum audit_finding which, const char *text)
{
    lint_found_row(user, audit_finding_get(which), 0, text);
}

/* What the inventory says of the host, and room for more. */
static covey_writer begin(const struct looking *k)
{
    covey_writer w =
        covey_writer_of(judge.fact_storage, sizeof judge.fact_storage);

    if (k->inventory != NULL) {
        covey_write_bytes(&w, inventory_facts(k->inventory, &k->host));
    }
    return w;
}

static bool has_anchor(const covey_writer *facts, enum fact_kind kind)
{
    covey_bytes left = covey_written(facts);
    covey_bytes value;

    return fact_find(&left, kind, &value);
}

/* --- X.509 --------------------------------------------------------------- */

static void judge_x509(struct looking *k, const covey_bytes *chain,
                       size_t count)
{
    covey_writer w = begin(k);

    /* nobody else stands for it: then its signatures are to be right */
    if (count > 1 && !has_anchor(&w, FACT_ANCHOR)) {
        fact_put(&w, FACT_ANCHOR, chain[count - 1]);
    }
    judge.facts = covey_written(&w);
    cert_judge_x509(&judge, chain, count);
}

static void refuse(lint *l, const char *why)
{
    fprintf(stderr, "%s: error: %s\n", l->file, why);
    l->failed = true;
}

static void look_x509(struct looking *k, bool pem)
{
    lint *l = k->l;
    const covey_bytes text =
        covey_bytes_of((const uint8_t *)l->text, l->text_len);
    covey_bytes chain[COVEY_X509_CHAIN_MAX];
    uint8_t *der = malloc(DER_MAX);
    covey_writer w = covey_writer_of(der, DER_MAX);
    size_t count = 0;

    const covey_status st =
        der == NULL ? COVEY_E_ROOM
        : pem ? covey_x509_read_pem(text, &w, chain, COVEY_X509_CHAIN_MAX,
                                    &count)
              : covey_x509_read_der(text, chain, COVEY_X509_CHAIN_MAX, &count);
    if (st == COVEY_OK && count > 0) {
        judge_x509(k, chain, count);
    } else {
        refuse(l, "no chain of up to 8 certificates");
    }
    free(der);
}

/* --- ITS ----------------------------------------------------------------- */

static covey_bytes its_of(const struct looking *k, int i)
{
    return covey_bytes_of(k->its[i].bytes, k->its[i].len);
}

/* A root among the files stands for the others. */
static bool is_root(covey_bytes bytes)
{
    covey_its_cert cert;

    return covey_its_cert_decode(&cert, bytes, NULL) == COVEY_OK &&
           cert.issuer_kind == COVEY_ITS_ISSUER_SELF;
}

static void look_its(struct looking *k, int at)
{
    covey_bytes chain[FILES_MAX] = { its_of(k, at) };
    size_t count = 1;
    covey_writer w = begin(k);

    for (int i = 0; i < k->l->args->file_count; i++) {
        if (i != at && k->its[i].bytes != NULL) {
            chain[count++] = its_of(k, i);
        }
        if (k->its[i].bytes != NULL && is_root(its_of(k, i))) {
            fact_put(&w, FACT_ITS, its_of(k, i));
        }
    }
    judge.facts = covey_written(&w);
    cert_judge_its(&judge, chain, count);
}

/* --- files --------------------------------------------------------------- */

static bool is_pem(const lint *l)
{
    return strstr(l->text, "-----BEGIN ") != NULL;
}

/* A SEQUENCE; no certificate of ITS begins so. */
static bool is_der(const lint *l)
{
    return l->text_len > 1 && l->text[0] == '0' &&
           ((uint8_t)l->text[1] & 0x80) != 0;
}

/* All of ITS before any is judged, since they are each other's issuers. What
 * is none of these forms is left for later. */
static void read_its(struct looking *k, int at)
{
    const char *path = k->l->args->files[at];
    struct its_file *f = &k->its[at];
    char error[ITS_ERROR_MAX];

    if (its_file_read(path, &f->bytes, &f->len, error) != ITS_FILE_READ) {
        f->bytes = NULL;
    } else if (f->len == 0) {
        free(f->bytes);
        f->bytes = NULL;
    }
}

static void look(struct looking *k, int at)
{
    lint *l = k->l;

    if (!lint_open(l, l->args->files[at])) {
        return;
    }
    if (k->its[at].bytes != NULL) {
        look_its(k, at);
    } else if (is_pem(l) || is_der(l)) {
        look_x509(k, is_pem(l));
    } else {
        refuse(l, "neither X.509 nor a certificate of ITS");
    }
}

static bool prepare(struct looking *k)
{
    const audit_args *a = k->l->args;

    if (a->file_count > FILES_MAX ||
        (a->inventory == NULL) != (a->target == NULL)) {
        fputs("covey-audit lint: expected up to 64 files, and --inventory "
              "with --target\n",
              stderr);
        return false;
    }
    if (a->target != NULL && !address_parse(a->target, 0, &k->host)) {
        fputs("covey-audit lint: --target: expected an address\n", stderr);
        return false;
    }
    if (a->inventory != NULL) {
        k->inventory = inventory_load(a->inventory, stderr);
    }
    return a->inventory == NULL || k->inventory != NULL;
}

void lint_certs(lint *l)
{
    const audit_args *a = l->args;
    struct looking k = { .l = l };

    if (!prepare(&k)) {
        l->failed = true;
        return;
    }
    memset(&judge, 0, sizeof judge);
    judge.unix_s = l->now;
    judge.crypto = &l->crypto;
    judge.found = found;
    judge.user = l;
    snprintf(judge.target, sizeof judge.target, "%s",
             a->target != NULL ? a->target : "");
    for (int i = 0; i < a->file_count; i++) {
        read_its(&k, i);
    }
    for (int i = 0; i < a->file_count; i++) {
        look(&k, i);
    }
    for (int i = 0; i < a->file_count; i++) {
        free(k.its[i].bytes);
    }
    inventory_free(k.inventory);
}
