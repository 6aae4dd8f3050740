/* SPDX-License-Identifier: BSD-2-Clause */
/* Each line of a record, judged again: the gate is asked what it was asked
 * then, with what the lines before say was done. */
#include "checks.h"
#include "dossier.h"
#include "object.h"
#include "run.h"

#include <stdarg.h>
#include <string.h>
#include <system_address.h>

enum {
    SOON = 5 /* seconds between a decision and its line */
};

void dossier_blame(dossier *d, uint64_t index, const char *format, ...)
{
    va_list args;

    if (d->why[0] == '\0') {
        va_start(args, format);
        vsnprintf(d->why, sizeof d->why, format, args);
        va_end(args);
        d->wrong = index;
    }
}

static uint32_t stage_bit(const char *name)
{
    for (unsigned s = 0; name != NULL && s < COVEY_AUDIT_STAGES; s++) {
        if (strcmp(covey_audit_stage_name((covey_audit_stage)s), name) == 0) {
            return 1u << s;
        }
    }
    return 0;
}

/* --- begin --------------------------------------------------------------- */

static void judge_begin(dossier *d, uint64_t index, const json_t *line)
{
    const char *run = object_text(line, "run");

    if (index != 0 || strlen(run) != EVIDENCE_RUN_LEN) {
        dossier_blame(d, index,
                      "a run begins with its name in the first record");
        return;
    }
    memcpy(d->run, run, EVIDENCE_RUN_LEN);
    if (strcmp(object_text(line, "mandate"), d->terms->id) != 0) {
        dossier_blame(d, index,
                      "it names another mandate than the folder has");
    }
    d->files = json_incref(json_object_get(line, "files"));
    const json_t *stages = json_object_get(line, "stages");
    for (size_t i = 0; i < json_array_size(stages); i++) {
        d->asked |= stage_bit(json_string_value(json_array_get(stages, i)));
    }
}

/* --- stages -------------------------------------------------------------- */

static void judge_stage(dossier *d, uint64_t index, const json_t *line)
{
    const char *target = object_text(line, "target");
    const uint32_t bit = stage_bit(object_text(line, "stage"));

    if ((bit & d->asked) == 0 || d->pending) {
        dossier_blame(d, index, "the end of a stage that was not under way");
        return;
    }
    if (strcmp(target, "-") == 0) {
        d->ended_for_all |= bit;
        return;
    }
    json_object_set_new(d->stages, target,
                        json_integer(object_number(d->stages, target) | bit));
}

/* --- acts ---------------------------------------------------------------- */

/* The host of an address, without its port. */
static const char *host_text(const covey_address *target,
                             char out[ADDRESS_TEXT_MAX])
{
    covey_address host = *target;

    host.port = 0;
    return address_text(&host, out);
}

static bool read_target(const json_t *line, covey_audit_act *act)
{
    memset(&act->target, 0, sizeof act->target);
    return !covey_audit_technique_get(act->technique)->sends ||
           address_parse_port(object_text(line, "target"), 0, &act->target);
}

static bool read_act(const json_t *line, covey_audit_act *act)
{
    const char *technique = object_text(line, "technique");
    const int64_t packets = object_number(line, "packets");
    const int64_t seconds = object_number(line, "seconds");

    if (covey_audit_technique_find(
            covey_bytes_of((const uint8_t *)technique, strlen(technique)),
            &act->technique) != COVEY_OK ||
        !read_target(line, act) || packets < 0 || packets > UINT32_MAX ||
        seconds < 0 || seconds > UINT32_MAX) {
        return false;
    }
    act->protocol = audit_protocol_number(object_text(line, "protocol"));
    act->health = json_is_true(json_object_get(line, "health"));
    act->packets = (uint32_t)packets;
    act->duration = (uint32_t)seconds;
    return true;
}

static void compare(dossier *d, uint64_t index, const json_t *line,
                    const covey_audit_verdict *v)
{
    const char *reason = covey_audit_reason_name(v->reason);
    const bool sends = strcmp(object_text(line, "target"), "-") != 0;
    const char *clause = v->reason == COVEY_AUDIT_ALLOWED && sends
                             ? d->terms->clauses[v->clause]
                             : "";

    if (strcmp(object_text(line, "verdict"), reason) != 0 ||
        strcmp(object_text(line, "clause"), clause) != 0) {
        dossier_blame(d, index, "the gate says %s %.60s", reason, clause);
    }
}

/* An intent or a refusal. */
static void judge_act(dossier *d, uint64_t index, const json_t *line,
                      int64_t ms)
{
    const bool intent = strcmp(object_text(line, "kind"), "intent") == 0;
    const covey_time now = { .unix_s = object_number(line, "decided"),
                             .unix_known = true };
    covey_audit_counters done = { .packets = 0 };
    covey_audit_act act;
    char host[ADDRESS_TEXT_MAX];

    if (!read_act(line, &act)) {
        dossier_blame(d, index, "no act that can be judged");
        return;
    }
    if (now.unix_s > ms / 1000 || now.unix_s < ms / 1000 - SOON) {
        dossier_blame(d, index, "decided at another time than it was written");
    }
    host_text(&act.target, host);
    const int64_t sent = object_number(d->sent, host);
    done.packets = (uint32_t)sent;
    done.stages = ~d->asked | d->ended_for_all |
                  (uint32_t)object_number(d->stages, host);
    if (sent != object_number(line, "sent_before")) {
        dossier_blame(d, index, "%s had got %lld packets before", host,
                      (long long)sent);
    }
    const covey_audit_verdict v =
        covey_audit_decide(&d->gate, &act, &now, &done);
    compare(d, index, line, &v);
    if (intent && d->pending) {
        dossier_blame(d, index, "the act before it has no result");
    }
    if (intent != (v.reason == COVEY_AUDIT_ALLOWED)) {
        dossier_blame(d, index, "done without right, or refused with one");
    }
    d->pending = d->pending || intent;
    d->acted = d->acted || intent;
    d->act = intent ? object_number(line, "act") : d->act;
    d->may_send = intent ? act.packets : d->may_send;
    d->looks_up = intent && act.technique == COVEY_AUDIT_VULN;
    if (intent) {
        json_object_set_new(d->sent, "", json_string(host));
    }
}

static void judge_result(dossier *d, uint64_t index, const json_t *line)
{
    const char *host = object_text(d->sent, "");
    const int64_t packets = object_number(line, "packets");

    if (!d->pending || object_number(line, "act") != d->act) {
        dossier_blame(d, index, "a result without its intent");
        return;
    }
    if (packets < 0 || packets > d->may_send) {
        dossier_blame(d, index, "more packets than the act was to send");
    }
    d->pending = false;
    json_object_set_new(d->sent, host,
                        json_integer(object_number(d->sent, host) + packets));
}

/* Right behind the result that it is about. */
static void judge_fortuitous(dossier *d, uint64_t index, const json_t *line)
{
    if (d->pending || object_number(line, "act") != d->act) {
        dossier_blame(d, index, "a fortuitous access of another act");
    }
}

/* --- one line ------------------------------------------------------------ */

void dossier_judge(void *user, uint64_t index, const evidence_record *r)
{
    dossier *d = user;
    json_t *line = json_loadb((const char *)r->line.ptr, r->line.len,
                              JSON_REJECT_DUPLICATES, NULL);
    const char *kind = object_text(line, "kind");

    if (d->ended) {
        dossier_blame(d, index, "behind the end of the run");
    } else if (strcmp(kind, "begin") == 0) {
        judge_begin(d, index, line);
    } else if (strcmp(kind, "intent") == 0 || strcmp(kind, "refused") == 0) {
        judge_act(d, index, line, r->ms);
    } else if (strcmp(kind, "result") == 0) {
        judge_result(d, index, line);
    } else if (strcmp(kind, "stage") == 0) {
        judge_stage(d, index, line);
    } else if (strcmp(kind, "fortuitous") == 0) {
        judge_fortuitous(d, index, line);
    } else if (strcmp(kind, "end") == 0) {
        d->ended = true;
    } else if (strcmp(kind, "stop") != 0 && strcmp(kind, "not_tested") != 0 &&
               !dossier_judge_seen(d, index, line) &&
               !dossier_judge_answer(d, index, line)) {
        dossier_blame(d, index, "not a line of a run");
    }
    d->records++;
    json_decref(line);
}
