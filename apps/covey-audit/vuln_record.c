/* SPDX-License-Identifier: BSD-2-Clause */
/* The last stage of an audit as part of its proof (AUD-071): a look-up under
 * the mandate of the run whose services are looked up, with a record of its
 * own. That of the run has its end and is not touched: who fails here must not
 * harm what is signed. covey-evidence(5) has the lines. */
#include "launch.h"
#include "run.h"
#include "vuln.h"

#include "dossier.h"

#include <string.h>
#include <text.h>

/* What the look-up is about, as it was found to be. */
typedef struct looked_at {
    const audit_args *args; /* of the verb */
    char run[EVIDENCE_RUN_LEN + 1];
    covey_merkle_head head;
} looked_at;

/* --- lines --------------------------------------------------------------- */

/* Of the act that is under way; takes the value over. */
static bool put(broker *b, const char *kind, json_t *line)
{
    json_t *all = json_pack("{s:s, s:I}", "kind", kind, "act",
                            (json_int_t)b->act->number);
    const bool good =
        all != NULL && line != NULL && json_object_update(all, line) == 0;

    json_decref(line);
    if (!good) {
        json_decref(all);
        guard_stop(&b->run->guard, STOP_EVIDENCE);
        return false;
    }
    return audit_record(b->run, all, false);
}

static bool put_looked_at(broker *b, const looked_at *l)
{
    char root[2 * COVEY_MERKLE_HASH + 1];

    return put(b, "looked_at",
               json_pack("{s:s, s:I, s:s}", "run", l->run, "records",
                         (json_int_t)l->head.size, "root",
                         text_hex(covey_bytes_of(l->head.root.bytes,
                                                 sizeof l->head.root.bytes),
                                  root)));
}

static bool put_all(broker *b, const char *kind, const vuln_found *f,
                    size_t count,
                    json_t *(*one)(const vuln_found *f, size_t i))
{
    bool good = true;

    for (size_t i = 0; good && i < count; i++) {
        good = put(b, kind, one(f, i));
    }
    return good;
}

/* Each with its finding, if it is one. */
static bool put_answers(broker *b, const vuln_found *f)
{
    json_t *findings = vuln_findings(f);
    size_t next = 0;
    bool good = findings != NULL;

    for (size_t i = 0; good && i < f->lookup.match_count; i++) {
        json_t *line = vuln_answer_json(f, i);
        json_t *own = json_array();
        if (f->lookup.matches[i].answer != VULN_FIXED) {
            json_array_append(own, json_array_get(findings, next++));
        }
        json_object_set_new(line, "findings", own);
        good = put(b, "answer", line);
    }
    b->run->findings += json_array_size(findings);
    json_decref(findings);
    return good;
}

/* --- the act ------------------------------------------------------------- */

static bool put_found(broker *b, const vuln_found *f)
{
    if (!b->run->args->json) {
        vuln_print(f);
    }
    if (f->in->unnamed > 0) {
        json_array_append_new(b->notes,
                              json_sprintf("unnamed %zu", f->in->unnamed));
    }
    return put_all(b, "service", f, f->in->count, vuln_service_json) &&
           put_all(b, "base", f, (size_t)f->args->file_count,
                   vuln_base_json) &&
           put_answers(b, f) && f->complete;
}

void vuln_do(broker *b)
{
    const looked_at *l = b->run->looked_at;
    vuln_input in;
    vuln_found found = { .complete = false };

    b->outcome = OUTCOME_FAILED;
    if (vuln_input_read(&in, l->args) == AUDIT_DONE &&
        vuln_look_up(&found, l->args, &in, b->run->crypto) &&
        put_looked_at(b, l) && put_found(b, &found)) {
        b->outcome = OUTCOME_DONE;
    }
    if (b->run->guard.why != STOP_NONE) {
        b->outcome = OUTCOME_STOPPED;
    }
    vuln_found_free(&found);
    vuln_input_free(&in);
}

/* --- the run ------------------------------------------------------------- */

static int look_up(const audit_args *a, const mandate *m, void *user)
{
    static const audit_check check = { .id = VULN_ID,
                                       .title = "known vulnerabilities",
                                       .technique = COVEY_AUDIT_VULN };
    const audit_launch *launch = user;
    audit_target nobody = { .done = { .stages = UINT32_MAX } };
    audit_act act = { .check = &check,
                      .target = &nobody,
                      .what = { .technique = COVEY_AUDIT_VULN } };
    enum audit_outcome outcome = OUTCOME_DONE;
    audit_run r;

    if (!audit_run_begin(&r, launch, a, m)) {
        return AUDIT_IO;
    }
    r.looked_at = launch->more;
    r.asked = 1u << COVEY_AUDIT_VULN;
    r.stages = audit_stage_of(r.asked);
    if (audit_record_begin(&r, launch->run, launch->files) &&
        audit_act_try(&r, &act, &outcome)) {
        audit_stage_end(&r, NULL, COVEY_AUDIT_STAGE_VULNERABILITIES, 0);
    }
    const int status = audit_run_end(&r, launch);
    return outcome == OUTCOME_FAILED && status <= AUDIT_FINDINGS ? AUDIT_IO
                                                                 : status;
}

/* Of a record that is whole. */
static looked_at whole;

static int note_record(const audit_args *a, const mandate *m, dossier *d)
{
    (void)a;
    (void)m;
    memcpy(whole.run, d->run, sizeof whole.run);
    whole.head = d->notes[d->note_count - 1].head;
    return AUDIT_DONE;
}

/* With the documents of the run. */
static int with_record(const audit_args *a, const mandate *m, void *user)
{
    audit_args documents = *a;
    const int status = dossier_with_whole(a, m, "vuln", note_record);

    (void)user;
    if (status != AUDIT_DONE) {
        return status;
    }
    documents.evidence = whole.args->into;
    return audit_launch_with(&documents, "vuln", look_up, &whole);
}

int vuln_under_mandate(const audit_args *a)
{
    audit_args record = *a;
    char *folder = (char *)(uintptr_t)a->evidence;

    record.files = &folder;
    record.file_count = 1;
    whole.args = a;
    return dossier_with(&record, "vuln", with_record);
}
