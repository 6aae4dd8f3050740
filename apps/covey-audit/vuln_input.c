/* SPDX-License-Identifier: BSD-2-Clause */
/* Services as somebody lists them, or as a run has seen them. What a target
 * says of itself may be anything; it is cut, and nothing but looked up. */
#include "vuln.h"

#include "checks.h"
#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>

enum {
    LINE_MAX_BYTES = 1 << 16
};

static void copy(char *out, size_t cap, const char *text)
{
    audit_printable(covey_bytes_of((const uint8_t *)text, strlen(text)), out,
                    cap);
}

/* --- one service --------------------------------------------------------- */

/* Several names are as they come from scanners; the first that is of an
 * application counts. */
static void read_cpe(vuln_service *s, const json_t *value)
{
    const json_t *item;
    size_t i;

    if (json_is_string(value)) {
        vuln_cpe_read(json_string_value(value), &s->cpe);
        return;
    }
    json_array_foreach(value, i, item)
    {
        const char *text = json_string_value(item);
        if (text != NULL && s->cpe.part == 0 &&
            (!vuln_cpe_read(text, &s->cpe) || s->cpe.part != 'a')) {
            s->cpe.part = 0;
        }
    }
}

static void label(vuln_service *s, const char *target, const char *said)
{
    const bool package = s->package[0] != '\0';
    const bool named = package || s->cpe.part != 0;

    snprintf(s->label, sizeof s->label, "%.60s%s%.60s%s%.60s", target,
             target[0] != '\0' ? " " : "",
             package ? s->package
             : named ? s->cpe.product
                     : said,
             named ? " " : "",
             package && s->version[0] != '\0' ? s->version : s->cpe.version);
}

static bool is_known(const vuln_service *s)
{
    return (s->package[0] != '\0' && s->version[0] != '\0' &&
            s->distribution[0] != '\0') ||
           (s->cpe.part != 0 && s->cpe.version[0] != '\0');
}

/* False: there are too many. */
static bool add(vuln_input *in, const json_t *o, const char *target)
{
    vuln_service s = { 0 };
    char banner[VULN_LABEL_MAX];
    char said[VULN_LABEL_MAX];

    if (in->count == VULN_SERVICES_MAX) {
        return false;
    }
    copy(s.package, sizeof s.package, object_text(o, "package"));
    copy(s.distribution, sizeof s.distribution,
         object_text(o, "distribution"));
    read_cpe(&s, json_object_get(o, "cpe"));
    if (s.package[0] != '\0') {
        copy(s.version, sizeof s.version, object_text(o, "version"));
    }
    copy(banner, sizeof banner, object_text(o, "banner"));
    snprintf(said, sizeof said, "%.90s %.90s", object_text(o, "product"),
             object_text(o, "version"));
    copy(said, sizeof said, said);
    if (!vuln_service_guess(&s, banner)) {
        vuln_service_guess(&s, said);
    }
    label(&s,
          object_text(o, "target")[0] != '\0' ? object_text(o, "target")
                                              : target,
          banner[0] != '\0' ? banner : said);
    copy(s.label, sizeof s.label, s.label);
    if (is_known(&s)) {
        in->services[in->count++] = s;
    } else {
        in->unnamed++;
    }
    return true;
}

static bool add_all(vuln_input *in, const json_t *list, const char *target)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (!add(in, item, target)) {
            return false;
        }
    }
    return true;
}

/* --- from the command line ----------------------------------------------- */

/* "cpe:...", "Debian:12/openssh@1:9.2p1-2", or a banner. */
static bool add_text(vuln_input *in, const char *text)
{
    const char *slash = strchr(text, '/');
    const char *at = slash != NULL ? strchr(slash, '@') : NULL;
    json_t *o = NULL;

    if (strncmp(text, "cpe:", 4) == 0) {
        o = json_pack("{s:s}", "cpe", text);
    } else if (at != NULL && strncmp(text, "Debian", 6) == 0) {
        o = json_pack("{s:s%, s:s%, s:s}", "distribution", text,
                      (size_t)(slash - text), "package", slash + 1,
                      (size_t)(at - slash - 1), "version", at + 1);
    } else {
        o = json_pack("{s:s}", "banner", text);
    }
    const bool good = o != NULL && add(in, o, "");
    json_decref(o);
    return good;
}

/* --- from files ---------------------------------------------------------- */

static int fail(const char *path, const char *what)
{
    return audit_fail("vuln", AUDIT_IO, "%s: %s", path, what);
}

/* A list of services, or an object with "services". */
static int read_file(vuln_input *in, const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    size_t len = 0;
    char *text = file != NULL ? text_slurp(file, SIZE_MAX, &len) : NULL;
    json_error_t error;

    if (file != NULL && file != stdin) {
        fclose(file);
    }
    if (text == NULL) {
        return fail(path, strerror(errno));
    }
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    free(text);
    if (root == NULL) {
        return audit_fail("vuln", AUDIT_IO, "%s:%d:%d: %s", path, error.line,
                          error.column, error.text);
    }
    const json_t *list =
        json_is_array(root) ? root : json_object_get(root, "services");
    const int status =
        !json_is_array(list)     ? fail(path, "expected a list of services")
        : !add_all(in, list, "") ? fail(path, "more than 4,096 services")
                                 : AUDIT_DONE;
    json_decref(root);
    return status;
}

/* Of a line: what a run has found, and what an import has said. */
static bool add_line(vuln_input *in, const char *line)
{
    json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    const json_t *one = json_object_get(root, "service");
    const char *target = object_text(root, "target");
    const bool good = root != NULL &&
                      add_all(in, json_object_get(root, "services"), target) &&
                      (!json_is_object(one) || add(in, one, target));

    json_decref(root);
    return good;
}

/* Lines of a record that say which services there are. */
static int read_evidence(vuln_input *in, const char *folder)
{
    char path[1024];
    const int n = snprintf(path, sizeof path, "%s/acts.log", folder);
    FILE *file = n > 0 && (size_t)n < sizeof path ? fopen(path, "rb") : NULL;
    char *line = malloc(LINE_MAX_BYTES);
    bool good = file != NULL && line != NULL;

    while (good && fgets(line, LINE_MAX_BYTES, file) != NULL) {
        if (strstr(line, "\"services\":") != NULL ||
            strstr(line, "\"service\":{") != NULL) {
            good = add_line(in, line);
        }
    }
    good = good && ferror(file) == 0;
    free(line);
    if (file == NULL) {
        return fail(folder, strerror(errno));
    }
    fclose(file);
    return good ? AUDIT_DONE : fail(path, "not a record that can be read");
}

int vuln_input_read(vuln_input *in, const audit_args *a)
{
    int status = AUDIT_DONE;

    memset(in, 0, sizeof *in);
    in->services = calloc(VULN_SERVICES_MAX, sizeof *in->services);
    if (in->services == NULL) {
        return audit_fail("vuln", AUDIT_IO, "out of memory");
    }
    if (a->service != NULL && !add_text(in, a->service)) {
        return audit_fail("vuln", AUDIT_USAGE, "--service: malformed");
    }
    if (a->services != NULL) {
        status = read_file(in, a->services);
    }
    if (status == AUDIT_DONE && a->evidence != NULL) {
        status = read_evidence(in, a->evidence);
    }
    return status;
}

void vuln_input_free(vuln_input *in)
{
    free(in->services);
    in->services = NULL;
}
