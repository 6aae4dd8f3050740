/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <system_address.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    PACKETS_MAX = 200000,
    SECONDS_MAX = 3600
};

static bool fault(const char *path, const char *what)
{
    fprintf(stderr, "%s: error: %s\n", path, what);
    return false;
}

/* --- nmap ---------------------------------------------------------------- */

/* What may be asked of nmap, and whether a value follows. Nothing that hides,
 * forges, reads or writes files, names other targets, or runs scripts. */
static const struct option_row {
    const char *name;
    bool value;
} nmap_options[] = {
    { "-6", false },
    { "-F", false },
    { "-O", false },
    { "-PE", false },
    { "-Pn", false },
    { "-T0", false },
    { "-T1", false },
    { "-T2", false },
    { "-T3", false },
    { "-T4", false },
    { "-n", false },
    { "-p", true },
    { "-r", false },
    { "-sO", false },
    { "-sS", false },
    { "-sT", false },
    { "-sU", false },
    { "-sV", false },
    { "-sn", false },
    { "--host-timeout", true },
    { "--max-parallelism", true },
    { "--max-retries", true },
    { "--open", false },
    { "--osscan-limit", false },
    { "--reason", false },
    { "--scan-delay", true },
    { "--top-ports", true },
    { "--version-intensity", true },
    { "--version-light", false },
};

static const struct option_row *find_option(const char *name)
{
    for (size_t i = 0; i < COUNT(nmap_options); i++) {
        if (strcmp(nmap_options[i].name, name) == 0) {
            return &nmap_options[i];
        }
    }
    return NULL;
}

/* Options of the list, values of plain characters, and the target at the end.
 */
static bool check_nmap(const audit_tool *t, const char *path)
{
    char text[TOOL_TEXT_MAX];

    for (size_t i = 0; i + 1 < t->count; i++) {
        const struct option_row *o = find_option(t->arguments[i]);
        if (o == NULL) {
            snprintf(text, sizeof text,
                     "arguments: nmap's %.60s is none of "
                     "those of covey-audit(1)",
                     t->arguments[i]);
            return fault(path, text);
        }
        if (o->value && (i + 2 >= t->count ||
                         strspn(t->arguments[i + 1], "0123456789,:-TUSmsh.") !=
                             strlen(t->arguments[i + 1]) ||
                         t->arguments[i + 1][0] == '-')) {
            return fault(path, "arguments: a value of numbers behind nmap's "
                               "option is missing");
        }
        i += o->value ? 1 : 0;
    }
    return true;
}

/* --- reading ------------------------------------------------------------- */

static bool take_text(const json_t *root, const char *name, char *out)
{
    const json_t *value = json_object_get(root, name);
    const char *text = json_string_value(value);
    const size_t len = json_string_length(value);

    if (text == NULL || len == 0 || len >= TOOL_TEXT_MAX ||
        strlen(text) != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~') {
            return false;
        }
    }
    memcpy(out, text, len + 1);
    return true;
}

static bool take_number(const json_t *root, const char *name, uint32_t max,
                        uint32_t *out)
{
    const json_int_t n = json_integer_value(json_object_get(root, name));

    *out = n > 0 && n <= max ? (uint32_t)n : 0;
    return *out > 0;
}

/* Those that a tool is for; it sends, and to one host. */
static bool take_technique(const json_t *root, covey_audit_technique *out)
{
    char name[TOOL_TEXT_MAX];
    static const covey_audit_technique fit[] = {
        COVEY_AUDIT_PROTOCOLS, COVEY_AUDIT_PORTS_TCP, COVEY_AUDIT_PORTS_UDP,
        COVEY_AUDIT_OS, COVEY_AUDIT_SERVICES
    };

    if (!take_text(root, "technique", name) ||
        covey_audit_technique_find(
            covey_bytes_of((const uint8_t *)name, strlen(name)), out) !=
            COVEY_OK) {
        return false;
    }
    for (size_t i = 0; i < COUNT(fit); i++) {
        if (fit[i] == *out) {
            return true;
        }
    }
    return false;
}

static bool take_arguments(audit_tool *t, const json_t *root)
{
    const json_t *list = json_object_get(root, "arguments");
    size_t targets = 0;

    if (json_array_size(list) == 0 ||
        json_array_size(list) > TOOL_ARGUMENTS_MAX) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        const char *text = json_string_value(value);
        if (text == NULL || strlen(text) != json_string_length(value) ||
            strlen(text) >= TOOL_TEXT_MAX) {
            return false;
        }
        targets += strcmp(text, "{target}") == 0 ? 1 : 0;
        t->arguments[t->count++] = (char *)(uintptr_t)text;
    }
    return targets == 1;
}

static bool has_only_known(const json_t *root, const char **which)
{
    static const char *const names[] = { "name",     "program", "technique",
                                         "packets",  "seconds", "output",
                                         "arguments" };
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)root, key, value)
    {
        bool known = false;
        for (size_t i = 0; i < COUNT(names); i++) {
            known = known || strcmp(names[i], key) == 0;
        }
        if (!known) {
            *which = key;
            return false;
        }
    }
    return true;
}

/* What it prints says what may be asked of it. */
static bool take_output(audit_tool *t, const char *path)
{
    char output[TOOL_TEXT_MAX];
    const char *slash = strrchr(t->program, '/');

    if (!take_text(t->root, "output", output) ||
        (strcmp(output, "nmap") != 0 && strcmp(output, "text") != 0)) {
        return fault(path, "output: expected nmap or text");
    }
    t->nmap = strcmp(output, "nmap") == 0;
    if (t->nmap != (strcmp(slash + 1, "nmap") == 0)) {
        return fault(path, "output: nmap is that of a program with this "
                           "name, and of no other");
    }
    if (t->nmap && strcmp(t->arguments[t->count - 1], "{target}") != 0) {
        return fault(path, "arguments: expected {target} at their end");
    }
    return !t->nmap || check_nmap(t, path);
}

static bool read_root(audit_tool *t, const char *path)
{
    const char *which = "";

    if (!json_is_object(t->root) || !has_only_known(t->root, &which)) {
        char text[TOOL_TEXT_MAX];
        snprintf(text, sizeof text, "unknown member '%.60s'", which);
        return fault(path, text);
    }
    if (!take_text(t->root, "name", t->name) ||
        !take_text(t->root, "program", t->program) || t->program[0] != '/') {
        return fault(path, "expected a name, and the absolute path of a "
                           "program");
    }
    if (!take_technique(t->root, &t->technique)) {
        return fault(path, "technique: expected protocols, ports.tcp, "
                           "ports.udp, os or services");
    }
    if (!take_number(t->root, "packets", PACKETS_MAX, &t->packets) ||
        !take_number(t->root, "seconds", SECONDS_MAX, &t->seconds)) {
        return fault(path, "packets, seconds: expected up to 200000, and up "
                           "to 3600");
    }
    if (!take_arguments(t, t->root)) {
        return fault(path, "arguments: expected a list of texts, one of them "
                           "{target}");
    }
    return take_output(t, path);
}

int tool_load(audit_tool *t, const char *path)
{
    json_error_t error;

    memset(t, 0, sizeof *t);
    t->root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (t->root == NULL && error.line < 0) {
        (void)fault(path, strerror(errno));
        return AUDIT_IO;
    }
    if (t->root == NULL) {
        fprintf(stderr, "%s:%d: error: %s\n", path, error.line, error.text);
        return AUDIT_USAGE;
    }
    return read_root(t, path) ? AUDIT_DONE : AUDIT_USAGE;
}

void tool_free(audit_tool *t)
{
    json_decref(t->root);
}

/* --- filling in ---------------------------------------------------------- */

static void put(tool_command *c, const char *word)
{
    if (c->argc + 1 < TOOL_COMMAND_MAX) {
        c->argv[c->argc++] = word;
    }
}

static bool has(const audit_tool *t, const char *word)
{
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->arguments[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* Without port and brackets. */
static void fill_target(const covey_address *target, tool_command *c)
{
    char text[ADDRESS_TEXT_MAX];
    covey_address a = *target;

    a.port = 0;
    a.zone = 0;
    address_text(&a, text);
    char *end = strrchr(text, a.family == COVEY_FAMILY_IPV6 ? ']' : ':');
    if (end != NULL) {
        *end = '\0';
    }
    snprintf(c->target, sizeof c->target, "%s",
             text + (a.family == COVEY_FAMILY_IPV6 ? 1 : 0));
}

void tool_fill(const audit_tool *t, const covey_address *target, uint32_t rate,
               tool_command *out)
{
    memset(out, 0, sizeof *out);
    fill_target(target, out);
    snprintf(out->rate, sizeof out->rate, "%" PRIu32, rate);
    put(out, t->program);
    if (t->nmap) {
        static const char *const always[] = {
            "--privileged", "-n", "--max-os-tries", "1",
            "-oX",          "-",  "--max-rate"
        };
        for (size_t i = 0; i < COUNT(always); i++) {
            put(out, always[i]);
        }
        put(out, out->rate);
        if (target->family == COVEY_FAMILY_IPV6 && !has(t, "-6")) {
            put(out, "-6");
        }
    }
    for (size_t i = 0; i < t->count; i++) {
        put(out, strcmp(t->arguments[i], "{target}") == 0 ? out->target
                                                          : t->arguments[i]);
    }
    out->argv[out->argc] = NULL;
}
