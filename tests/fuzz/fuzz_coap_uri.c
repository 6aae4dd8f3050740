/* SPDX-License-Identifier: BSD-2-Clause */
/* A URI: what its options compose to is a URI again, and soon one that stays
 * as it is. */
#include "coap_oracle.h"

#include <covey/coap_options.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Options of u in list; false if one of them is out of bounds. */
static bool to_options(const covey_uri *u, covey_writer *list,
                       covey_writer *storage)
{
    covey_coap_composer c = covey_coap_compose_inner(list, 1);
    covey_uri_segments path = covey_uri_path_segments(u);
    covey_uri_segments query = covey_uri_query_segments(u);
    covey_bytes value;
    bool fits = true;

    if (!u->host_is_literal) {
        oracle(covey_uri_host(u, storage, &value) == COVEY_OK);
        fits &= value.len <= 255;
        covey_coap_put_option(&c, COVEY_OPTION_URI_HOST, value);
    }
    if (u->port_given) {
        covey_coap_put_uint(&c, COVEY_OPTION_URI_PORT, u->port);
    }
    while (covey_uri_next_segment(&path, storage, &value)) {
        fits &= value.len <= 255;
        covey_coap_put_option(&c, COVEY_OPTION_URI_PATH, value);
    }
    while (covey_uri_next_segment(&query, storage, &value)) {
        fits &= value.len <= 255;
        covey_coap_put_option(&c, COVEY_OPTION_URI_QUERY, value);
    }
    oracle(path.left.ptr == NULL && query.left.ptr == NULL);
    oracle(covey_coap_finish(&c) == COVEY_OK);
    return fits;
}

/* The URI for the options of u in `out`; false if they make none. */
static bool normalise(const covey_uri *u, size_t room, covey_writer *out)
{
    uint8_t *list = malloc(room);
    uint8_t *storage = malloc(room);
    covey_writer lw = covey_writer_of(list, room);
    covey_writer sw = covey_writer_of(storage, room);
    covey_coap_message m;
    covey_status st;

    oracle(list != NULL && storage != NULL);
    bool fits = to_options(u, &lw, &sw);
    oracle(covey_coap_parse_inner(&m, covey_written(&lw)) == COVEY_OK);
    st = covey_uri_compose(out, &m, u);
    /* A host may hold what only a percent-encoding could carry. */
    oracle(st == COVEY_OK || st == COVEY_E_RANGE);
    oracle(fits || st == COVEY_E_RANGE);
    free(list);
    free(storage);
    return st == COVEY_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t room = size * 6 + 64;
    uint8_t *text[3];
    covey_writer w[3];
    covey_uri u;
    covey_bytes uri = covey_bytes_of(data, size);
    size_t made = 0;
    uint16_t port = 0;

    for (size_t i = 0; i < 3; i++) {
        text[i] = malloc(room);
        oracle(text[i] != NULL);
        w[i] = covey_writer_of(text[i], room);
    }
    while (made < 3 && covey_uri_parse(&u, uri) == COVEY_OK &&
           normalise(&u, room, &w[made])) {
        oracle(made == 0 || port == u.port);
        port = u.port;
        uri = covey_written(&w[made]);
        made++;
    }
    oracle(made == 0 || made == 3);
    /* Not yet after the first: the host is put in lower case before it is
     * decoded (RFC 7252 Section 6.4 step 5), so that %4F becomes O first. */
    oracle(made == 0 ||
           covey_bytes_equal(covey_written(&w[1]), covey_written(&w[2])));
    for (size_t i = 0; i < 3; i++) {
        free(text[i]);
    }
    return 0;
}
