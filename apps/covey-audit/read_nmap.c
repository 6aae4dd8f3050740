/* SPDX-License-Identifier: BSD-2-Clause */
/* The XML of nmap, as a stream: nothing is kept but the host and the port that
 * are being read. A file that was cut off says what it says up to there; what
 * its last lines (runstats) say of the scan counts, not that it is well formed
 * or what nmap's exit status was.
 *
 * A document type may be named, as nmap does, but define nothing and fetch
 * nothing, so there are no entities but those of XML itself. */
#include "reader.h"

#include <expat.h>

#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    DEPTH_MAX = 32,
    TEXT = READER_FIELD_MAX + 1
};

typedef struct scan {
    reader *out;
    XML_Parser parser;
    unsigned depth;
    char refused[TEXT]; /* why it is not read on */
    bool root;
    bool finished;
    bool success;
    bool port;    /* within one */
    bool service; /* its <cpe> is of the service, else of the system */
    bool cpe;
    char address[TEXT];
    char protocol[TEXT];
    char number[TEXT];
    char state[TEXT];
    char reason[TEXT];
    char name[TEXT];
    char product[TEXT];
    char version[TEXT];
    char extra[TEXT];
    char service_cpe[TEXT];
    char system[TEXT];
    char accuracy[TEXT];
    char system_cpe[TEXT];
} scan;

static void copy(char out[TEXT], const char *text)
{
    snprintf(out, TEXT, "%s", text != NULL ? text : "");
}

static const char *attribute(const char **all, const char *name)
{
    for (size_t i = 0; all[i] != NULL; i += 2) {
        if (strcmp(all[i], name) == 0) {
            return all[i + 1];
        }
    }
    return NULL;
}

static void refuse(scan *s, const char *why)
{
    copy(s->refused, why);
    XML_StopParser(s->parser, XML_FALSE);
}

/* --- elements ------------------------------------------------------------ */

static void begin_run(scan *s, const char **a)
{
    const char *const fields[] = {
        "scanner",
        "version",
        "start",
        "args",
    };
    const char *values[5] = { 0 };

    for (size_t i = 0; i < 4; i++) {
        const char *value = attribute(a, fields[i]);
        values[i] = value != NULL ? value : "";
    }
    reader_line(s->out, "scan", values);
}

static void begin_host(scan *s, const char **a)
{
    (void)a;
    s->address[0] = '\0';
    s->system[0] = '\0';
    s->accuracy[0] = '\0';
    s->system_cpe[0] = '\0';
}

/* That of IP; the hardware's follows it. */
static void begin_address(scan *s, const char **a)
{
    const char *kind = attribute(a, "addrtype");
    const char *text = attribute(a, "addr");
    covey_address address;

    if (kind != NULL && text != NULL && strncmp(kind, "ipv", 3) == 0 &&
        strlen(text) < TEXT && address_parse(text, 0, &address)) {
        copy(s->address, text);
    }
}

static void begin_port(scan *s, const char **a)
{
    s->port = true;
    copy(s->protocol, attribute(a, "protocol"));
    copy(s->number, attribute(a, "portid"));
    copy(s->state, NULL);
    copy(s->reason, NULL);
    copy(s->name, NULL);
    copy(s->product, NULL);
    copy(s->version, NULL);
    copy(s->extra, NULL);
    copy(s->service_cpe, NULL);
}

static void begin_state(scan *s, const char **a)
{
    if (s->port) {
        copy(s->state, attribute(a, "state"));
        copy(s->reason, attribute(a, "reason"));
    }
}

/* What is guessed from the number of a port is no service that was seen. */
static void begin_service(scan *s, const char **a)
{
    const char *method = attribute(a, "method");

    s->service = true;
    if (s->port && method != NULL && strcmp(method, "probed") == 0) {
        copy(s->name, attribute(a, "name"));
        copy(s->product, attribute(a, "product"));
        copy(s->version, attribute(a, "version"));
        copy(s->extra, attribute(a, "extrainfo"));
    }
}

/* The first is the best. */
static void begin_osmatch(scan *s, const char **a)
{
    if (s->system[0] == '\0') {
        copy(s->system, attribute(a, "name"));
        copy(s->accuracy, attribute(a, "accuracy"));
    }
}

static void begin_extraports(scan *s, const char **a)
{
    const char *state = attribute(a, "state");
    const char *count = attribute(a, "count");
    const char *const fields[] = { s->address, state != NULL ? state : "",
                                   count != NULL ? count : "", NULL };

    if (s->address[0] != '\0') {
        reader_line(s->out, "rest", fields);
    }
}

static char *cpe_of(scan *s)
{
    return s->service ? s->service_cpe : s->system_cpe;
}

/* The first one is enough. */
static void begin_cpe(scan *s, const char **a)
{
    (void)a;
    s->cpe = cpe_of(s)[0] == '\0';
}

static void begin_finished(scan *s, const char **a)
{
    const char *how = attribute(a, "exit");

    s->finished = true;
    s->success = how != NULL && strcmp(how, "success") == 0;
}

static void end_port(scan *s)
{
    const char *const fields[] = { s->address,     s->protocol, s->number,
                                   s->state,       s->reason,   s->name,
                                   s->product,     s->version,  s->extra,
                                   s->service_cpe, NULL };

    if (s->address[0] != '\0') {
        reader_line(s->out, "port", fields);
    }
    s->port = false;
}

static void end_host(scan *s)
{
    const char *const fields[] = { s->address, s->system, s->accuracy,
                                   s->system_cpe, NULL };

    if (s->address[0] != '\0' && s->system[0] != '\0') {
        reader_line(s->out, "system", fields);
    }
    s->address[0] = '\0';
}

static void end_service(scan *s)
{
    s->service = false;
}

static void end_cpe(scan *s)
{
    s->cpe = false;
}

static const struct element {
    const char *name;
    void (*begin)(scan *s, const char **attributes);
    void (*end)(scan *s);
} elements[] = {
    { "nmaprun", begin_run, NULL },
    { "host", begin_host, end_host },
    { "address", begin_address, NULL },
    { "port", begin_port, end_port },
    { "state", begin_state, NULL },
    { "service", begin_service, end_service },
    { "cpe", begin_cpe, end_cpe },
    { "osmatch", begin_osmatch, NULL },
    { "extraports", begin_extraports, NULL },
    { "finished", begin_finished, NULL },
};

static const struct element *find(const char *name)
{
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        if (strcmp(elements[i].name, name) == 0) {
            return &elements[i];
        }
    }
    return NULL;
}

/* --- expat --------------------------------------------------------------- */

static void XMLCALL on_begin(void *user, const char *name, const char **a)
{
    scan *s = user;
    const struct element *e = find(name);

    s->depth++;
    if (s->depth == 1 && strcmp(name, "nmaprun") != 0) {
        refuse(s, "no report of nmap");
    } else if (s->depth > DEPTH_MAX) {
        refuse(s, "too many elements within each other");
    } else if (e != NULL) {
        s->root = true;
        e->begin(s, a);
    }
}

static void XMLCALL on_end(void *user, const char *name)
{
    scan *s = user;
    const struct element *e = find(name);

    s->depth--;
    if (e != NULL && e->end != NULL) {
        e->end(s);
    }
}

static void XMLCALL on_text(void *user, const char *text, int len)
{
    scan *s = user;
    char *out = cpe_of(s);
    const size_t at = strlen(out);

    if (s->cpe && len > 0 && at + (size_t)len < TEXT) {
        memcpy(out + at, text, (size_t)len);
        out[at + (size_t)len] = '\0';
    }
}

static void XMLCALL on_doctype(void *user, const char *name,
                               const char *system, const char *public,
                               int subset)
{
    (void)name;
    if (system != NULL || public != NULL || subset != 0) {
        refuse(user, "a document type that defines or fetches something");
    }
}

static void tell(scan *s, bool well_formed)
{
    if (!s->root) {
        reader_none(s->out,
                    s->refused[0] != '\0' ? s->refused : "no report of nmap");
    } else if (s->refused[0] != '\0') {
        reader_end(s->out, false, s->refused);
    } else if (!s->finished) {
        reader_end(s->out, false, "the file was cut off");
    } else if (!s->success) {
        reader_end(s->out, false, "the scan did not come to its end");
    } else {
        reader_end(s->out, true,
                   well_formed ? "" : "the scan was done, the file is cut");
    }
}

void reader_nmap(reader *r, covey_bytes text)
{
    scan *s = calloc(1, sizeof *s);
    XML_Parser p = XML_ParserCreate(NULL);

    if (s == NULL || p == NULL || text.len > READER_FILE_MAX) {
        reader_end(r, false, "too large");
    } else {
        s->out = r;
        s->parser = p;
        /* a salt of its own needs no random numbers; lists are short here */
        XML_SetHashSalt(p, 0x636f7665u);
        XML_SetUserData(p, s);
        XML_SetElementHandler(p, on_begin, on_end);
        XML_SetCharacterDataHandler(p, on_text);
        XML_SetStartDoctypeDeclHandler(p, on_doctype);
        const bool good = XML_Parse(p, (const char *)text.ptr, (int)text.len,
                                    XML_TRUE) == XML_STATUS_OK;
        tell(s, good);
    }
    XML_ParserFree(p);
    free(s);
}
