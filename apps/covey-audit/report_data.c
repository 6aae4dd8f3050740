/* SPDX-License-Identifier: BSD-2-Clause */
/* A record, and what follows from it, as data. */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <text.h>

typedef struct builder {
    const dossier *d;
    bool is_french;
    json_t *data;
    json_t *acts;
    json_t *findings;
    json_t *targets; /* by host */
} builder;

static void put_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, json_string(text));
}

static void put_number(json_t *object, const char *name, int64_t number)
{
    json_object_set_new(object, name, json_integer(number));
}

/* "F-1". */
static void put_id(json_t *object, char letter, int64_t number)
{
    char id[32];

    snprintf(id, sizeof id, "%c-%lld", letter, (long long)number);
    put_text(object, "id", id);
}

/* --- one line's place ---------------------------------------------------- */

/* Which record it is, when it was written, and its leaf in the tree. */
static void put_place(const builder *b, json_t *to, uint64_t index, int64_t ms)
{
    char hex[2 * COVEY_MERKLE_HASH + 1];
    char time[TEXT_TIME_MAX];
    const covey_merkle_hash *leaf = &b->d->log.leaves[index];

    put_number(to, "record", (int64_t)index);
    put_text(to, "time", text_time(ms / 1000, time));
    put_text(to, "leaf",
             text_hex(covey_bytes_of(leaf->bytes, sizeof leaf->bytes), hex));
}

/* "192.0.2.2" of "192.0.2.2:5683", "[2001:db8::1]" of what has brackets. */
static const char *host_of(const char *target, char *out, size_t cap)
{
    const char *colon = strrchr(target, ':');
    size_t len = colon != NULL ? (size_t)(colon - target) : strlen(target);

    if (len >= cap) {
        len = cap - 1;
    }
    memcpy(out, target, len);
    out[len] = '\0';
    return out;
}

static json_t *target_of(builder *b, const char *target)
{
    char host[128];
    json_t *one;

    if (target[0] == '\0' || strcmp(target, "-") == 0) {
        return NULL; /* what was read from files */
    }
    host_of(target, host, sizeof host);
    one = json_object_get(b->targets, host);
    if (one == NULL) {
        one = json_pack("{s:s, s:i, s:i, s:i, s:i, s:{s:i, s:i, s:i, s:i, "
                        "s:i}}",
                        "target", host, "acts", 0, "packets", 0, "bytes", 0,
                        "findings", 0, "rating", "D", 0, "I", 0, "C", 0, "P",
                        0, "R", 0);
        json_object_set_new(b->targets, host, one);
    }
    return one;
}

/* --- acts ---------------------------------------------------------------- */

static void add_act(builder *b, json_t *line, uint64_t index)
{
    json_t *act = json_deep_copy(line);
    char law[32];

    json_object_del(act, "seq");
    json_object_del(act, "prev");
    put_place(b, act, index, object_number(line, "ms"));
    put_id(act, 'A', object_number(line, "act"));
    snprintf(law, sizeof law, "L-%s", object_text(line, "stage"));
    put_text(act, "law", law);
    put_number(act, "packets_planned", object_number(line, "packets"));
    json_object_del(act, "packets");
    json_array_append_new(b->acts, act);
    report_add(target_of(b, object_text(line, "target")), "acts", 1);
}

static void add_refused(builder *b, json_t *line, uint64_t index)
{
    json_t *refused = json_object_get(b->data, "refused");
    const char *reason = object_text(line, "verdict");
    json_t *one = json_pack(
        "{s:s, s:s, s:s, s:s, s:s}", "check", object_text(line, "check"),
        "technique", object_text(line, "technique"), "target",
        object_text(line, "target"), "reason", reason, "text",
        report_term("reason", reason, b->is_french));

    put_place(b, one, index, object_number(line, "ms"));
    put_id(one, 'A', object_number(line, "act"));
    json_array_append_new(refused, one);
}

/* The act that a result is of: the last one, since they come in pairs. */
static json_t *last_act(const builder *b)
{
    const size_t count = json_array_size(b->acts);

    return count > 0 ? json_array_get(b->acts, count - 1) : NULL;
}

/* --- findings ------------------------------------------------------------ */

static void raise(json_t *rating, const json_t *by)
{
    static const char *const letters[] = { "D", "I", "C", "P", "R" };

    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        if (object_number(by, letters[i]) >
            object_number(rating, letters[i])) {
            put_number(rating, letters[i], object_number(by, letters[i]));
        }
    }
}

static void translate(const builder *b, json_t *finding)
{
    const report_finding *f =
        report_finding_get(object_text(finding, "finding"));

    put_text(finding, "heading", f != NULL ? f->heading : "heading.charter");
    if (f != NULL && b->is_french) {
        put_text(finding, "title", f->title);
        put_text(finding, "remedy", f->remedy);
    }
}

/* The copy that is in the report. */
static json_t *add_finding(builder *b, const json_t *from, const char *target)
{
    json_t *finding = json_deep_copy(from);

    put_id(finding, 'F', (int64_t)json_array_size(b->findings) + 1);
    if (json_object_get(finding, "target") == NULL) {
        put_text(finding, "target", target);
    }
    translate(b, finding);
    json_array_append_new(b->findings, finding);
    json_t *one = target_of(b, object_text(finding, "target"));
    report_add(one, "findings", 1);
    raise(json_object_get(one, "rating"), json_object_get(finding, "rating"));
    return finding;
}

static void add_findings(builder *b, const json_t *line, const json_t *act,
                         uint64_t index)
{
    const json_t *all = json_object_get(line, "findings");

    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *from = json_array_get(all, i);
        const char *file =
            object_text(json_object_get(from, "evidence"), "file");
        json_t *finding =
            add_finding(b, from, /* of a file, or of a host */
                        file[0] != '\0' ? file : object_text(act, "target"));
        put_place(b, finding, index, object_number(line, "ms"));
        put_text(finding, "act", object_text(act, "id"));
    }
}

/* Those that were found without a run. */
static void add_files(builder *b)
{
    json_t *files = json_object_get(b->data, "files");

    for (size_t f = 0; f < json_array_size(files); f++) {
        json_t *file = json_array_get(files, f);
        const json_t *all = json_object_get(file, "findings");
        for (size_t i = 0; i < json_array_size(all); i++) {
            const json_t *from = json_array_get(all, i);
            const json_t *at = json_object_get(from, "evidence");
            json_t *finding = add_finding(b, from, object_text(at, "file"));
            put_text(finding, "result", object_text(file, "name"));
        }
        json_object_del(file, "findings");
    }
}

/* What a result says of its act, but its place and its findings. */
static void merge_result(json_t *act, json_t *line)
{
    static const char *const left[] = { "seq",  "prev", "ms",
                                        "kind", "act",  "findings" };
    const char *name;
    json_t *value;

    json_object_foreach(line, name, value)
    {
        size_t i = 0;
        while (i < sizeof left / sizeof left[0] &&
               strcmp(left[i], name) != 0) {
            i++;
        }
        if (i == sizeof left / sizeof left[0]) {
            json_object_set(act, name, value);
        }
    }
}

static void add_result(builder *b, json_t *line, uint64_t index)
{
    static const char *const summed[] = { "packets", "bytes", "answers",
                                          "answer_bytes", "strangers" };
    json_t *act = last_act(b);
    json_t *figures = json_object_get(b->data, "figures");

    merge_result(act, line);
    put_number(act, "result_record", (int64_t)index);
    for (size_t i = 0; i < sizeof summed / sizeof summed[0]; i++) {
        report_add(figures, summed[i], object_number(line, summed[i]));
    }
    json_t *target = target_of(b, object_text(act, "target"));
    report_add(target, "packets", object_number(line, "packets"));
    report_add(target, "bytes", object_number(line, "bytes"));
    add_findings(b, line, act, index);
}

/* --- what else is in a record -------------------------------------------- */

static void add_untested(builder *b, json_t *line, uint64_t index)
{
    json_t *all = json_object_get(b->data, "not_tested");
    const char *why = object_text(line, "why");
    json_t *one =
        json_pack("{s:s, s:s, s:s, s:s}", "check", object_text(line, "check"),
                  "target", object_text(line, "target"), "why", "recorded",
                  "text", report_term("why", why, b->is_french));

    json_object_set(one, "protocol", json_object_get(line, "protocol"));
    json_object_set(one, "ports", json_object_get(line, "ports"));
    put_place(b, one, index, object_number(line, "ms"));
    put_id(one, 'N', (int64_t)json_array_size(all) + 1);
    json_array_append_new(all, one);
}

static void add_run(builder *b, json_t *line)
{
    json_t *run = json_object_get(b->data, "run");
    char time[TEXT_TIME_MAX];
    const bool begins = strcmp(object_text(line, "kind"), "begin") == 0;

    json_object_update(run, line);
    put_text(run, begins ? "begin" : "end",
             text_time(object_number(line, "ms") / 1000, time));
    json_object_del(run, "seq");
    json_object_del(run, "prev");
    json_object_del(run, "kind");
    json_object_del(run, "ms");
}

/* In which list a line is that is no act: stops and the ends of stages, what
 * was imported, and whatever this program does not know by name. */
static const char *list_of(const char *kind)
{
    static const char *const lists[][2] = {
        { "stop", "stops" },
        { "stage", "stages" },
        { "fortuitous", "fortuitous" },
        { "import", "imports" },
        { "imported", "imported" },
        { "seen", "seen" },
        { "lint", "lints" },
    };

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strcmp(lists[i][0], kind) == 0) {
            return lists[i][1];
        }
    }
    return "other";
}

static void add_other(builder *b, json_t *line, uint64_t index)
{
    json_t *other = json_deep_copy(line);
    const char *list = list_of(object_text(line, "kind"));
    char time[TEXT_TIME_MAX];

    json_object_del(other, "seq");
    json_object_del(other, "prev");
    if (strcmp(list, "seen") == 0) { /* it has a time of its own */
        put_text(other, "act_time",
                 text_time(object_number(line, "time"), time));
    }
    put_place(b, other, index, object_number(line, "ms"));
    if (strcmp(list, "stops") == 0) {
        put_text(other, "text",
                 report_term("stop", object_text(line, "why"), b->is_french));
    }
    add_findings(b, line, line, index);
    json_object_del(other, "findings");
    json_array_append_new(json_object_get(b->data, list), other);
}

/* --- a look-up that is in the record ------------------------------------- */

/* As a result that lies beside a record, but named by its act. */
static json_t *lookup_of(builder *b)
{
    json_t *files = json_object_get(b->data, "files");
    const json_t *act = last_act(b);
    const char *id = object_text(act, "id");

    json_t *found = object_find(files, "act", id);

    if (found != NULL) {
        return found;
    }
    json_array_append_new(
        files,
        json_pack("{s:s, s:s, s:s, s:s, s:[], s:[], s:[]}", "name",
                  EVIDENCE_LOG, "act", id, "program",
                  object_text(json_object_get(b->data, "run"), "program"),
                  "sha256", object_text(act, "leaf"), "bases", "vuln",
                  "services"));
    return json_array_get(files, json_array_size(files) - 1);
}

/* False: it is no such line. */
static bool add_answer(builder *b, json_t *line, uint64_t index)
{
    static const char *const lists[][2] = { { "looked_at", NULL },
                                            { "service", "services" },
                                            { "base", "bases" },
                                            { "answer", "vuln" } };
    static const char *const left[] = { "seq",  "prev", "ms",
                                        "kind", "act",  "findings" };
    const char *kind = object_text(line, "kind");

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strcmp(lists[i][0], kind) != 0) {
            continue;
        }
        json_t *one = json_deep_copy(line);
        add_findings(b, line, last_act(b), index);
        for (size_t n = 0; n < sizeof left / sizeof left[0]; n++) {
            json_object_del(one, left[n]);
        }
        json_t *place = json_object();
        put_place(b, place, index, object_number(line, "ms"));
        json_object_set_new(one, "place", place);
        if (lists[i][1] == NULL) {
            json_object_set_new(lookup_of(b), kind, one);
        } else {
            json_array_append_new(json_object_get(lookup_of(b), lists[i][1]),
                                  one);
        }
        return true;
    }
    return false;
}

static void read_line(void *user, uint64_t index, const evidence_record *r)
{
    builder *b = user;
    json_t *line = json_loadb((const char *)r->line.ptr, r->line.len, 0, NULL);
    const char *kind = object_text(line, "kind");

    if (strcmp(kind, "begin") == 0 || strcmp(kind, "end") == 0) {
        add_run(b, line);
    } else if (strcmp(kind, "intent") == 0) {
        add_act(b, line, index);
    } else if (strcmp(kind, "refused") == 0) {
        add_refused(b, line, index);
    } else if (strcmp(kind, "result") == 0) {
        add_result(b, line, index);
    } else if (strcmp(kind, "not_tested") == 0) {
        add_untested(b, line, index);
    } else if (!add_answer(b, line, index)) {
        add_other(b, line, index);
    }
    json_decref(line);
}

/* --- sums ---------------------------------------------------------------- */

static int64_t worst_of(json_t *rating)
{
    int64_t worst = 0;
    const char *letter;
    json_t *grade;

    json_object_foreach(rating, letter, grade)
    {
        if (json_integer_value(grade) > worst) {
            worst = json_integer_value(grade);
        }
    }
    return worst;
}

static void put_targets(builder *b)
{
    json_t *list = json_object_get(b->data, "targets");
    const char *host;
    json_t *one;
    char level[16];

    json_object_foreach(b->targets, host, one)
    {
        const int64_t worst = worst_of(json_object_get(one, "rating"));
        put_number(one, "worst", worst);
        snprintf(level, sizeof level, "%d", (int)worst);
        put_text(one, "conclusion", report_term("level", level, b->is_french));
        json_array_append(list, one);
    }
}

static void put_figures(builder *b)
{
    json_t *figures = json_object_get(b->data, "figures");
    const char *const counted[] = { "acts", "refused", "not_tested",
                                    "findings", "targets" };

    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        put_number(
            figures, counted[i],
            (int64_t)json_array_size(json_object_get(b->data, counted[i])));
    }
}

/* The record as it was found to be. */
static json_t *proof_of(const dossier *d)
{
    const evidence_note *n = &d->notes[d->note_count - 1];
    char root[2 * COVEY_MERKLE_HASH + 1];

    text_hex(covey_bytes_of(n->head.root.bytes, sizeof n->head.root.bytes),
             root);
    return json_pack("{s:b, s:I, s:I, s:I, s:s}", "whole", 1, "records",
                     (json_int_t)d->log.count, "checkpoints",
                     (json_int_t)d->note_count, "size",
                     (json_int_t)n->head.size, "root", root);
}

static bool read_log(builder *b)
{
    char path[AUDIT_PATH_MAX];
    evidence_log again = { 0 };

    snprintf(path, sizeof path, "%s/" EVIDENCE_LOG, b->d->folder);
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        return false;
    }
    const bool good =
        evidence_scan(in, b->d->crypto, read_line, b, &again, stderr);
    evidence_log_free(&again);
    fclose(in);
    return good;
}

json_t *report_data(const mandate *m, const dossier *d, bool is_french)
{
    json_t *files = report_files(d);

    if (files == NULL) {
        return NULL;
    }
    builder b = { .d = d,
                  .is_french = is_french,
                  .acts = json_array(),
                  .findings = json_array(),
                  .targets = json_object() };

    b.data = json_pack(
        "{s:i, s:s, s:s, s:o, s:{}, s:o, s:{}, s:[], s:o, s:o, s:[], s:[], "
        "s:[], s:[], s:[], s:[], s:[], s:[], s:[], s:[], s:o}",
        "covey_report", 1, "language", is_french ? "fr" : "en", "tlp",
        mandate_read(m)->data.tlp, "mandate", audit_mandate_json(m), "run",
        "evidence", proof_of(d), "figures", "targets", "findings", b.findings,
        "acts", b.acts, "refused", "not_tested", "stops", "stages",
        "fortuitous", "imports", "imported", "seen", "lints", "other", "files",
        files);
    if (b.data == NULL || !read_log(&b)) {
        json_decref(b.data);
        json_decref(b.targets);
        return NULL;
    }
    add_files(&b);
    put_targets(&b);
    json_object_set_new(b.data, "states", report_states(b.acts));
    json_object_set_new(b.data, "checks",
                        report_checks_data(b.acts, is_french));
    report_add_untested(b.data, d, is_french);
    put_figures(&b);
    json_object_set_new(
        b.data, "law",
        report_law_data(json_object_get(json_object_get(b.data, "mandate"),
                                        "jurisdictions"),
                        is_french));
    json_decref(b.targets);
    return b.data;
}
