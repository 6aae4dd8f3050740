/* SPDX-License-Identifier: BSD-2-Clause */
#include "inventory.h"

#include "fact.h"

#include <conf.h>
#include <covey/x509.h>
#include <its_trust.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>

#define MANUAL   "covey-inventory(5)"
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    HOSTS_MAX = 1024,
    LIST_MAX = 256,
    TEXT_MAX = 255,
    SSP_MAX = 31,
    CERTIFICATES_MAX = 8, /* of a PEM file */
    TENTHS = 10000000     /* of a microdegree in a degree */
};

typedef struct host {
    covey_address address;
    covey_bytes facts;
} host;

struct inventory {
    conf_memory memory;
    host *hosts;
    size_t count;
};

/* --- lists of texts ------------------------------------------------------ */

static bool read_text(conf_reader *c, const conf_value *item, void *out)
{
    static const conf_wanted wanted = { 1, TEXT_MAX, false, MANUAL };
    size_t len;

    return conf_text(c, item, &wanted, out, &len);
}

static void put_texts(conf_reader *c, const conf_value *list,
                      enum fact_kind kind, covey_writer *w)
{
    const char **texts = NULL;
    const size_t count =
        conf_is_missing(list)
            ? 0
            : conf_list(c, list, LIST_MAX, sizeof *texts, read_text, &texts);

    for (size_t i = 0; i < count; i++) {
        fact_put(w, kind,
                 covey_bytes_of((const uint8_t *)texts[i], strlen(texts[i])));
    }
}

/* --- anchors ------------------------------------------------------------- */

static bool read_path(conf_reader *c, const conf_value *item, void *out)
{
    return conf_path(c, item, out);
}

static void put_pem(conf_reader *c, const conf_value *v, covey_bytes text,
                    covey_writer *w)
{
    static uint8_t der[FACTS_MAX];
    covey_writer storage = covey_writer_of(der, sizeof der);
    covey_bytes certificates[CERTIFICATES_MAX];
    size_t count = 0;

    if (covey_x509_read_pem(text, &storage, certificates, CERTIFICATES_MAX,
                            &count) != COVEY_OK ||
        count == 0) {
        conf_error(c, v, MANUAL, "expected up to %d certificates in PEM",
                   (int)CERTIFICATES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        fact_put(w, FACT_ANCHOR, certificates[i]);
    }
}

static void put_its(conf_reader *c, const conf_value *v, covey_bytes bytes,
                    covey_writer *w)
{
    covey_its_cert cert;

    if (covey_its_cert_decode(&cert, bytes, NULL) != COVEY_OK) {
        conf_error(c, v, MANUAL,
                   "expected certificates in PEM, or one of IEEE 1609.2");
        return;
    }
    fact_put(w, FACT_ITS, bytes);
}

static void put_anchor(conf_reader *c, const conf_value *list,
                       const char *path, covey_writer *w)
{
    char error[ITS_ERROR_MAX];
    uint8_t *bytes = NULL;
    size_t len = 0;
    bool good =
        its_file_read_raw(path, false, &bytes, &len, error) == ITS_FILE_READ;

    if (good && its_file_is_pem(bytes, len)) {
        put_pem(c, list, covey_bytes_of(bytes, len), w);
        free(bytes);
        return;
    }
    free(good ? bytes : NULL);
    good = its_file_read(path, &bytes, &len, error) == ITS_FILE_READ;
    if (!good) {
        conf_error(c, list, MANUAL, "expected certificates: %s", error);
        return;
    }
    put_its(c, list, covey_bytes_of(bytes, len), w);
    free(bytes);
}

static void put_anchors(conf_reader *c, const conf_value *list,
                        covey_writer *w)
{
    const char **paths = NULL;
    const size_t count =
        conf_is_missing(list)
            ? 0
            : conf_list(c, list, LIST_MAX, sizeof *paths, read_path, &paths);

    for (size_t i = 0; i < count; i++) {
        put_anchor(c, list, paths[i], w);
    }
}

/* --- what an ITS station offers ------------------------------------------ */

/* Degrees as tenths of a microdegree, up to `most` degrees. */
static bool read_degrees(const char **at, double most, int32_t *out)
{
    char *end;
    const double degrees = strtod(*at, &end);

    if (end == *at || !(degrees >= -most && degrees <= most)) {
        return false;
    }
    *at = end;
    *out = (int32_t)lround(degrees * TENTHS);
    return true;
}

static void put_position(conf_reader *c, const conf_value *v, covey_writer *w)
{
    static const conf_wanted wanted = { 1, TEXT_MAX, false, MANUAL };
    const char *at = NULL;
    size_t len;
    uint8_t bytes[8];
    covey_writer both = covey_writer_of(bytes, sizeof bytes);
    int32_t latitude = 0;
    int32_t longitude = 0;

    if (!conf_text(c, v, &wanted, &at, &len)) {
        return;
    }
    if (!read_degrees(&at, 90, &latitude) || *at++ != ',' ||
        !read_degrees(&at, 180, &longitude) || *at != '\0') {
        conf_error(c, v, MANUAL,
                   "expected degrees north and east, as \"48.85,2.35\"");
        return;
    }
    covey_write_u32(&both, (uint32_t)latitude);
    covey_write_u32(&both, (uint32_t)longitude);
    fact_put(w, FACT_POSITION, covey_written(&both));
}

static void put_number(conf_reader *c, const conf_value *v,
                       enum fact_kind kind, covey_writer *w)
{
    uint8_t bytes[4];
    covey_writer number = covey_writer_of(bytes, sizeof bytes);
    uint64_t value = 0;

    if (conf_number(c, v, 0, UINT32_MAX, MANUAL, &value)) {
        covey_write_u32(&number, (uint32_t)value);
        fact_put(w, kind, covey_written(&number));
    }
}

static void put_service(conf_reader *c, const conf_value *v, covey_writer *w)
{
    static const char *const words[] = { "psid", "ssp", "position",
                                         "country" };
    static const conf_names known = { words, COUNT(words),
                                      "a service of ITS" };
    static const conf_wanted ssp_wanted = { 1, SSP_MAX, false, MANUAL };
    conf_value k[COUNT(words)] = { { NULL, NULL } };
    covey_bytes ssp;

    if (conf_is_missing(v) || !conf_keys(c, v, &known, k) ||
        !conf_required(c, v, &k[0], words[0], MANUAL)) {
        return;
    }
    put_number(c, &k[0], FACT_PSID, w);
    if (conf_bytes(c, &k[1], &ssp_wanted, &ssp)) {
        fact_put(w, FACT_SSP, ssp);
    }
    put_position(c, &k[2], w);
    put_number(c, &k[3], FACT_COUNTRY, w);
}

/* --- hosts --------------------------------------------------------------- */

static bool read_address(conf_reader *c, const conf_value *v,
                         covey_address *out)
{
    static const conf_wanted wanted = { 1, TEXT_MAX, false, MANUAL };
    const char *text = NULL;
    size_t len;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return false;
    }
    if (!address_parse(text, 0, out)) {
        conf_error(c, v, MANUAL, "expected an address without port");
        return false;
    }
    return true;
}

static bool keep_facts(conf_reader *c, const conf_value *item,
                       const covey_writer *w, host *h)
{
    if (w->failed != COVEY_OK) {
        conf_error(c, item, MANUAL, "more is said of this host than %d bytes",
                   (int)FACTS_MAX);
        return false;
    }
    uint8_t *copy = conf_alloc(c, w->pos > 0 ? w->pos : 1);
    if (copy == NULL) {
        return false;
    }
    if (w->pos > 0) {
        memcpy(copy, w->base, w->pos);
    }
    h->facts = covey_bytes_of(copy, w->pos);
    return true;
}

/* Two entries for a host would leave it open which of them counts. */
static void check_twice(conf_reader *c, const conf_value *list,
                        const inventory *i)
{
    for (size_t n = 1; n < i->count; n++) {
        for (size_t m = 0; m < n; m++) {
            if (covey_address_equal(&i->hosts[n].address,
                                    &i->hosts[m].address)) {
                conf_error(c, list, MANUAL, "the host %zu comes twice", n + 1);
                return;
            }
        }
    }
}

static bool read_host(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "address", "names", "trust", "its",
                                         "resources" };
    static const conf_names known = { words, COUNT(words), "a host" };
    static uint8_t storage[FACTS_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    conf_value v[COUNT(words)] = { { NULL, NULL } };
    host *h = out;

    if (!conf_keys(c, item, &known, v) ||
        !conf_required(c, item, &v[0], words[0], MANUAL) ||
        !read_address(c, &v[0], &h->address)) {
        return false;
    }
    put_texts(c, &v[1], FACT_NAME, &w);
    put_anchors(c, &v[2], &w);
    put_service(c, &v[3], &w);
    put_texts(c, &v[4], FACT_RESOURCE, &w);
    return keep_facts(c, item, &w, h);
}

static void read_root(conf_reader *c, const conf_value *root, void *object)
{
    static const char *const words[] = { "hosts" };
    static const conf_names known = { words, 1, "an inventory" };
    inventory *i = object;
    conf_value v = { NULL, NULL };

    if (conf_keys(c, root, &known, &v) &&
        conf_required(c, root, &v, words[0], MANUAL)) {
        i->count = conf_list(c, &v, HOSTS_MAX, sizeof *i->hosts, read_host,
                             &i->hosts);
        check_twice(c, &v, i);
    }
}

static void drop(void *object)
{
    inventory *i = object;

    conf_free(&i->memory);
    free(i);
}

inventory *inventory_load(const char *path, FILE *messages)
{
    static const conf_kind kind = { MANUAL,
                                    "an inventory",
                                    sizeof(inventory),
                                    offsetof(inventory, memory),
                                    read_root,
                                    drop };

    return conf_open(&kind, path, messages);
}

void inventory_free(inventory *i)
{
    if (i != NULL) {
        drop(i);
    }
}

covey_bytes inventory_facts(const inventory *i, const covey_address *host_at)
{
    for (size_t n = 0; i != NULL && n < i->count; n++) {
        const covey_address *a = &i->hosts[n].address;
        if (a->family == host_at->family &&
            memcmp(a->ip, host_at->ip, sizeof a->ip) == 0) {
            return i->hosts[n].facts;
        }
    }
    return covey_bytes_of(NULL, 0);
}
