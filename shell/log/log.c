/* SPDX-License-Identifier: BSD-2-Clause */
#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Longer lines are cut; the end says so. */
#define LINE_MAX_LEN 2000u

static const struct {
    log_level level;
    const char *name;
} levels[] = {
    { LOG_LEVEL_ERROR, "error" },   { LOG_LEVEL_WARNING, "warning" },
    { LOG_LEVEL_NOTICE, "notice" }, { LOG_LEVEL_INFO, "info" },
    { LOG_LEVEL_DEBUG, "debug" },
};

log_sink log_to_stderr(log_level level)
{
    log_sink s = { .out = stderr, .format = LOG_TEXT, .level = level };

    if (getenv("JOURNAL_STREAM") != NULL) {
        s.format = LOG_JOURNAL;
    }
    return s;
}

bool log_level_of(const char *word, log_level *out)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strcmp(word, levels[i].name) == 0) {
            *out = levels[i].level;
            return true;
        }
    }
    return false;
}

const char *log_level_name(log_level level)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (levels[i].level == level) {
            return levels[i].name;
        }
    }
    return "debug";
}

log_value log_string(const char *name, const char *value)
{
    log_value v = { .name = name, .kind = LOG_STRING, .string = value };
    return v;
}

log_value log_number(const char *name, uint64_t value)
{
    log_value v = { .name = name, .kind = LOG_NUMBER, .number = value };
    return v;
}

log_value log_hex(const char *name, covey_bytes value)
{
    log_value v = { .name = name, .kind = LOG_HEX, .bytes = value };
    return v;
}

/* The line as it grows; what does not fit is left out, and its end says so,
 * for which there is always room. */
struct line {
    char text[LINE_MAX_LEN + 32];
    size_t len;
    bool cut;
};

static void put_end(struct line *l, const char *text)
{
    const size_t len = strlen(text);

    memcpy(l->text + l->len, text, len);
    l->len += len;
}

static void put(struct line *l, const char *text, size_t len)
{
    if (l->cut || len > LINE_MAX_LEN - l->len) {
        l->cut = true;
        return;
    }
    memcpy(l->text + l->len, text, len);
    l->len += len;
}

static void put_text(struct line *l, const char *text)
{
    put(l, text, strlen(text));
}

/* Printable ASCII but for the two characters that mean something in a quoted
 * string. Everything else, UTF-8 too, is escaped: a terminal must not see it.
 */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_quoted(struct line *l, const char *text)
{
    char escape[8];

    put_text(l, "\"");
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        if (is_plain(c)) {
            put(l, text, 1);
        } else {
            snprintf(escape, sizeof escape, "\\u%04x", c);
            put_text(l, escape);
        }
    }
    put_text(l, "\"");
}

/* A string needs quotes in text if it is not one word. */
static bool is_word(const char *text)
{
    const char *p = text;

    while (is_plain((unsigned char)*p) && *p != ' ' && *p != '=') {
        p++;
    }
    return *p == '\0' && p != text;
}

static void put_string(struct line *l, const char *text, bool json)
{
    if (!json && is_word(text)) {
        put_text(l, text);
    } else {
        put_quoted(l, text);
    }
}

static void put_hex(struct line *l, covey_bytes bytes)
{
    char two[3];

    for (size_t i = 0; i < bytes.len; i++) {
        snprintf(two, sizeof two, "%02x", bytes.ptr[i]);
        put_text(l, two);
    }
}

static void put_value(struct line *l, const log_value *v, bool json)
{
    char number[24];

    switch (v->kind) {
    case LOG_STRING:
        put_string(l, v->string, json);
        break;
    case LOG_NUMBER:
        snprintf(number, sizeof number, "%llu", (unsigned long long)v->number);
        put_text(l, number);
        break;
    case LOG_HEX:
        put_text(l, json ? "\"" : "");
        put_hex(l, v->bytes);
        put_text(l, json ? "\"" : "");
        break;
    }
}

static void put_time(struct line *l)
{
    struct timespec now = { 0, 0 };
    struct tm utc;
    char text[40];
    size_t len;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc) == NULL) {
        return;
    }
    len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + len, sizeof text - len, ".%03dZ",
             (int)(now.tv_nsec / 1000000));
    put_text(l, text);
}

static void put_json(struct line *l, const log_event *e)
{
    put_text(l, "{\"time\":\"");
    put_time(l);
    put_text(l, "\",\"level\":\"");
    put_text(l, log_level_name(e->level));
    put_text(l, "\",\"event\":");
    put_quoted(l, e->name);
    if (e->section != NULL) {
        put_text(l, ",\"section\":");
        put_quoted(l, e->section);
    }
    for (size_t i = 0; i < e->count; i++) {
        const size_t before = l->len;
        put_text(l, ",");
        put_quoted(l, e->values[i].name);
        put_text(l, ":");
        put_value(l, &e->values[i], true);
        if (l->cut) { /* a value is whole or not there */
            l->len = before;
            break;
        }
    }
    put_end(l, l->cut ? ",\"cut\":true}" : "}");
}

static void put_line(struct line *l, const log_event *e, log_format format)
{
    char level[8];

    if (format == LOG_JOURNAL) {
        snprintf(level, sizeof level, "<%d>", (int)e->level);
        put_text(l, level);
    } else {
        put_time(l);
        put_text(l, " ");
        put_text(l, log_level_name(e->level));
        put_text(l, " ");
    }
    put_text(l, e->name);
    if (e->section != NULL) {
        put_text(l, " section=");
        put_string(l, e->section, false);
    }
    for (size_t i = 0; i < e->count; i++) {
        put_text(l, " ");
        put_text(l, e->values[i].name);
        put_text(l, "=");
        put_value(l, &e->values[i], false);
    }
    put_end(l, l->cut ? "..." : "");
}

static void tell_tap(const log_sink *sink, const log_event *event)
{
    struct line l = { .len = 0 };

    put_json(&l, event);
    l.text[l.len] = '\0';
    sink->tap(sink->tap_user, event->level, event->name, l.text);
}

static bool tap_wants(const log_sink *sink, log_level level)
{
    return sink->tap != NULL && level < LOG_LEVEL_DEBUG;
}

bool log_wants(const log_sink *sink, log_level level)
{
    return level <= sink->level || tap_wants(sink, level);
}

void log_write(const log_sink *sink, const log_event *event)
{
    struct line l = { .len = 0 };

    if (tap_wants(sink, event->level)) {
        tell_tap(sink, event);
    }
    if (event->level > sink->level) {
        return;
    }
    if (sink->format == LOG_JSON) {
        put_json(&l, event);
    } else {
        put_line(&l, event, sink->format);
    }
    put_end(&l, "\n");
    (void)fwrite(l.text, 1, l.len, sink->out);
    (void)fflush(sink->out);
}
