/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve.h"

#include "program.h"
#include "server.h"

#include <crypto/openssl/openssl.h>
#include <daemon.h>
#include <outer.h>

#include <stdlib.h>
#include <string.h>
#include <system_address.h>

/* What is kept of a resource; the rows that requests find move by sorting. */
struct served {
    struct program program;
    uint8_t key[RESOURCE_KEY_MAX];
    char *texts; /* path, title, type, interface */
    uint8_t *body;
};

struct serve {
    struct server server;
    struct resources resources;
    struct served *served;
    uint8_t *links;
    size_t count;
    struct link_listen listen[2];
};

static void tell(const log_sink *log, const char *what, const char *why)
{
    const log_value values[] = { log_string("what", what),
                                 log_string("why", why) };
    const log_event event = { .level = LOG_LEVEL_ERROR,
                              .name = "server.resource",
                              .values = values,
                              .count = 2 };

    log_write(log, &event);
}

/* --- resources ----------------------------------------------------------- */

/* A copy behind *at; absent for NULL. */
static covey_bytes keep(char **at, const char *text)
{
    const size_t len = text != NULL ? strlen(text) : 0;
    const covey_bytes kept =
        covey_bytes_of(text != NULL ? (uint8_t *)*at : NULL, len);

    if (len > 0) {
        memcpy(*at, text, len);
    }
    *at += len;
    return kept;
}

static bool keep_texts(struct served *kept, struct resource *row,
                       const serve_resource *from)
{
    const char *all[] = { from->path, from->title, from->type,
                          from->interface };
    size_t len = 1;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        len += all[i] != NULL ? strlen(all[i]) : 0;
    }
    char *at = kept->texts = malloc(len);
    if (at == NULL) {
        return false;
    }
    row->path = keep(&at, from->path);
    row->title = keep(&at, from->title);
    row->type = keep(&at, from->type);
    row->interface = keep(&at, from->interface);
    return true;
}

static void take_methods(struct served *kept, struct resource *row,
                         const serve_resource *from)
{
    serve_handler *const all[PROGRAM_METHODS] = { NULL,         from->get,
                                                  from->post,   from->put,
                                                  from->delete, from->fetch,
                                                  from->patch,  from->ipatch };

    for (unsigned i = 1; i < PROGRAM_METHODS; i++) {
        kept->program.methods[i] = all[i];
        row->methods |= (uint8_t)((all[i] != NULL) << i);
    }
    kept->program.user = from->user;
    row->program = &kept->program;
}

/* NULL, or what is wrong. */
static const char *add(struct serve *s, const serve_resource *from)
{
    struct served *kept = &s->served[s->count];
    struct resource *row = &s->resources.rows[s->resources.count];
    covey_writer key = covey_writer_of(kept->key, sizeof kept->key);

    if (from->path == NULL || from->length > SERVE_BODY_MAX) {
        return "a path, and bodies of up to a mebibyte";
    }
    *row = (struct resource){ .kind = RESOURCE_PROGRAM,
                              .policy = { .secured = from->secured },
                              .observable = from->observable,
                              .format = from->format,
                              .cap = from->length != 0 ? from->length
                                                       : SERVE_BODY_DEFAULT,
                              .folder = -1 };
    s->count++;
    kept->body = malloc(row->cap + 1);
    if (kept->body == NULL || !keep_texts(kept, row, from)) {
        return "out of memory";
    }
    row->bytes = kept->body;
    take_methods(kept, row, from);
    if (resource_key(row->path, &key) != COVEY_OK) {
        return "expected a path such as /a/b (RFC 3986 Section 3.3)";
    }
    row->key = covey_written(&key);
    s->resources.count++;
    return NULL;
}

static bool add_links(struct serve *s)
{
    struct resource links = resource_links();

    for (size_t i = 0; i < s->resources.count; i++) {
        links.cap += links_room(&s->resources.rows[i]);
    }
    links.bytes = s->links = malloc(links.cap + 1);
    s->resources.rows[s->resources.count++] = links;
    return s->links != NULL;
}

static bool add_all(struct serve *s, const serve_options *o)
{
    const struct resources *all = &s->resources;

    s->served = calloc(o->count + 1, sizeof *s->served);
    s->resources.rows = calloc(o->count + 1, sizeof *s->resources.rows);
    if (s->served == NULL || all->rows == NULL) {
        tell(o->log, "all", "out of memory");
        return false;
    }
    for (size_t i = 0; i < o->count; i++) {
        const char *why = add(s, &o->resources[i]);
        if (why != NULL) {
            tell(o->log, o->resources[i].path, why);
            return false;
        }
    }
    if (!add_links(s)) {
        tell(o->log, "/.well-known/core", "out of memory");
        return false;
    }
    qsort(all->rows, all->count, sizeof *all->rows, resource_compare);
    for (size_t i = 1; i < all->count; i++) {
        if (resource_compare(&all->rows[i - 1], &all->rows[i]) == 0) {
            tell(o->log, "all", "two resources have the same path");
            return false;
        }
    }
    return true;
}

/* --- the server ---------------------------------------------------------- */

/* How many addresses; 0: there is none such. */
static size_t choose_addresses(struct serve *s, const serve_options *o)
{
    if (o->host != NULL) {
        return address_parse(o->host, o->port, &s->listen[0].address) ? 1 : 0;
    }
    return address_parse("127.0.0.1", o->port, &s->listen[0].address) &&
                   address_parse("::1", o->port, &s->listen[1].address)
               ? 2
               : 0;
}

serve *serve_open(loop *l, const serve_options *o)
{
    struct serve *s = calloc(1, sizeof *s);

    if (s == NULL) {
        tell(o->log, "all", "out of memory");
        return NULL;
    }
    const struct server_setup setup = {
        .listen = s->listen,
        .listen_count = choose_addresses(s, o),
        .resources = &s->resources,
        .protectors = o->protectors,
        .protector_count = o->protector_count,
        .random = { o->crypto->random, o->crypto->provider },
        .amplification = SERVER_AMPLIFICATION,
        .duplicates = SERVER_DUPLICATES,
        .observers = SERVER_OBSERVERS,
        .unfragmented = OUTER_DEFAULT,
    };
    if (setup.listen_count == 0) {
        tell(o->log, o->host, "expected an address such as 127.0.0.1 or ::1");
    } else if (add_all(s, o) && server_open(&s->server, &setup, o->log, l)) {
        return s;
    }
    serve_close(s);
    return NULL;
}

void serve_close(serve *s)
{
    if (s == NULL) {
        return;
    }
    server_close(&s->server);
    for (size_t i = 0; i < s->count; i++) {
        free(s->served[i].texts);
        free(s->served[i].body);
    }
    free(s->served);
    free(s->resources.rows);
    free(s->links);
    free(s);
}

bool serve_changed(serve *s, const char *path)
{
    const size_t len = strlen(path);

    for (size_t i = 0; i < s->resources.count; i++) {
        const struct resource *r = &s->resources.rows[i];
        if (r->path.len == len && memcmp(r->path.ptr, path, len) == 0) {
            notify_soon(&s->server, i);
            return true;
        }
    }
    return false;
}

/* Whoever calls may be a handler of the same resource that has replied: its
 * bytes are put back. */
bool serve_answer(serve *s, uint64_t later, serve_handler *handler, void *user)
{
    const struct program program = {
        .methods = { NULL, handler, handler, handler, handler, handler,
                     handler, handler },
        .user = user,
    };
    struct later_row *row = later_named(&s->server.later, later);
    struct resource *r = row != NULL ? row->resource : NULL;
    const size_t len = r != NULL ? r->len : 0;
    uint8_t *kept = r != NULL ? malloc(len + 1) : NULL;

    if (kept == NULL) {
        return false;
    }
    memcpy(kept, r->bytes, len);
    dispatch_late(&s->server, row, &program);
    memcpy(r->bytes, kept, len);
    r->len = len;
    free(kept);
    return true;
}

static int run(const daemon_program *p, const serve_options *o)
{
    loop *l = loop_new();
    serve *s = l != NULL ? serve_open(l, o) : NULL;
    const int status = s != NULL ? daemon_run(p, o->log, l) : DAEMON_IO;

    serve_close(s);
    if (l != NULL) {
        loop_free(l);
    }
    return status;
}

int serve_main(const char *host, uint16_t port,
               const serve_resource *resources, size_t count)
{
    static const daemon_program program = { "serve", "", "" };
    const log_sink log = log_to_stderr(LOG_LEVEL_NOTICE);
    covey_crypto crypto;
    const serve_options options = { .host = host,
                                    .port = port,
                                    .resources = resources,
                                    .count = count,
                                    .log = &log,
                                    .crypto = &crypto };

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        tell(&log, "libcrypto", "no source of random numbers");
        return DAEMON_IO;
    }
    const int status = run(&program, &options);
    covey_openssl_close(&crypto);
    return status;
}
