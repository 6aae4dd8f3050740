/* SPDX-License-Identifier: BSD-2-Clause */
/* Documents of an audit. First byte: an envelope, or a payload of one of the
 * three kinds. What is accepted has a clause, a window and limits, and
 * everything that a report would print; what is refused is explained in lines
 * that a terminal can show. */
#include <shell/mandate/internal.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_messages(const char *text, size_t len, bool refused)
{
    check(refused == (len > 0));
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        check(c == '\n' || (c >= 0x20 && c < 0x7f));
    }
    check(len == 0 || text[len - 1] == '\n');
}

static void check_line(const char *text)
{
    check(text != NULL && text[0] != '\0' && strlen(text) <= 200);
    for (const char *p = text; *p != '\0'; p++) {
        check((unsigned char)*p >= 0x20 && *p != 0x7f);
    }
}

static void check_party(const mandate_party *p)
{
    char text[MANDATE_KEY_TEXT_MAX];
    mandate_key again;

    check_line(p->legal);
    check_line(p->natural);
    mandate_key_text(&p->key, text);
    check(mandate_key_parse(text, strlen(text), &again));
    check(mandate_key_equal(&again, &p->key));
}

static void check_reading(const mandate_reading *m)
{
    const covey_audit_document *d = &m->document;
    size_t which;

    if (m->kind != MANDATE_KIND_MANDATE) {
        check_line(m->of);
    } else {
        check_party(&m->terms.principal);
        check_party(&m->terms.auditor);
        check_line(m->terms.id);
        check_line(m->terms.contract);
        check_line(m->terms.legitimate_reason);
        check_line(m->terms.data.tlp);
    }
    if (m->kind == MANDATE_KIND_WITHDRAWAL) {
        return;
    }
    check(d->scope_count > 0 && d->limits.packets_s > 0);
    for (size_t i = 0; i < d->scope_count; i++) {
        check_line(m->terms.clauses[i]);
    }
    for (size_t i = 0; i < d->window_count; i++) {
        check(d->windows[i].from < d->windows[i].to);
    }
    check(covey_audit_widens(d, d, &which) == COVEY_AUDIT_NARROWS);
}

struct root {
    conf_reader *c;
    dsse *d;
};

static void read_root(void *user, const conf_value *root)
{
    struct root *r = user;

    dsse_read(r->c, root, r->d);
}

static bool read_all(conf_reader *c, uint8_t kind, covey_bytes text,
                     mandate_reading *m)
{
    dsse d = { .kind = (mandate_kind)(kind % MANDATE_KINDS),
               .payload_len = text.len };
    struct root r = { c, &d };

    d.payload = conf_alloc(c, text.len + 1);
    check(d.payload != NULL);
    if (text.len > 0) {
        memcpy(d.payload, text.ptr, text.len);
    }
    if (kind / MANDATE_KINDS % 2 == 0) {
        return mandate_payload(c, &d, m);
    }
    return conf_load_text(c, (const char *)text.ptr, text.len, "t", read_root,
                          &r) &&
           mandate_payload(c, &d, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);
    conf_memory memory = { NULL };
    mandate_reading m;

    check(messages != NULL);
    if (size > 1) {
        conf_reader c = { .messages = messages,
                          .manual = MANDATE_MANUAL,
                          .what = "a mandate",
                          .memory = &memory,
                          .name = "t",
                          .json = true };
        const bool good =
            read_all(&c, data[0], covey_bytes_of(data + 1, size - 1), &m);
        check(fclose(messages) == 0);
        check_messages(text, len, !good);
        if (good) {
            check_reading(&m);
        }
    } else {
        fclose(messages);
    }
    free(text);
    conf_free(&memory);
    return 0;
}
