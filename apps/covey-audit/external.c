/* SPDX-License-Identifier: BSD-2-Clause */
/* An external scanner at one host, behind a fence that is built of what the
 * gate says to every port of that host. What it printed is kept, read as an
 * import is, and judged line by line. */
#include "import.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <system_address.h>
#include <text.h>
#include <unistd.h>

enum {
    REPORT_MAX = 4096,
    FENCE_CLOSED = 5, /* covey-fence(8) */
    SLACK_S = 5,      /* the fence closes before the act has to end */
    LAST_MS = 10000   /* for the fence to say what it counted */
};

/* The fence's own names for what it counted. */
enum {
    PASSED = 0,
    NEIGHBOUR,
    ANSWERS,
    SCOPE,
    SOURCE,
    OTHER,
    HELD,
    SPENT,
    FENCE_COUNTS
};

static const char *const count_names[FENCE_COUNTS] = {
    "passed", "neighbour", "answers", "scope",
    "source", "other",     "held",    "spent",
};

typedef struct fenced {
    audit_run *run;
    audit_act act;
    tool_command command;
    char program_sha256[AUDIT_DIGEST_MAX];
    char order_sha256[AUDIT_DIGEST_MAX];
    char *order;
    size_t order_len;
    char output[AUDIT_PATH_MAX]; /* files */
    char errors[AUDIT_PATH_MAX];
    int pid;
    int control; /* its standard input: closed, it closes */
    int report;
    char said[REPORT_MAX];
    size_t said_len;
    uint64_t counts[FENCE_COUNTS];
    uint64_t bytes;
    char ended[32];
    bool started;
} fenced;

/* --- the order ----------------------------------------------------------- */

static bool may(const audit_run *r, const audit_act *a, uint8_t protocol,
                uint16_t port)
{
    const covey_time now = { .unix_s = a->decided, .unix_known = true };
    covey_audit_act act = a->what;

    act.protocol = protocol;
    act.target.port = port;
    return covey_audit_decide(&r->gate, &act, &now, &a->target->done).reason ==
           COVEY_AUDIT_ALLOWED;
}

/* The gate's own word on every port, in intervals. */
static void order_ports(FILE *out, const audit_run *r, const audit_act *a,
                        uint8_t protocol)
{
    uint32_t first = UINT32_MAX;

    for (uint32_t port = 0; port <= UINT16_MAX + 1u; port++) {
        const bool allowed =
            port <= UINT16_MAX && may(r, a, protocol, (uint16_t)port);
        if (allowed && first == UINT32_MAX) {
            first = port;
        } else if (!allowed && first != UINT32_MAX) {
            fprintf(out, "permit %u %" PRIu32 "-%" PRIu32 "\n",
                    (unsigned)protocol, first, port - 1);
            first = UINT32_MAX;
        }
    }
}

/* Without ports: only what a clause permits whole. */
static void order_whole(FILE *out, const audit_run *r, const audit_act *a,
                        uint8_t protocol)
{
    if (may(r, a, protocol, 0) && may(r, a, protocol, UINT16_MAX)) {
        fprintf(out, "permit %u\n", (unsigned)protocol);
    }
}

static void order_host(FILE *out, const char *word, const covey_address *a)
{
    tool_command c;
    const audit_tool nothing = { .count = 0 };

    tool_fill(&nothing, a, 1, &c); /* its text */
    fprintf(out, "%s %s\n", word, c.target);
}

static bool write_order(fenced *f)
{
    static const uint8_t protocols[] = { 1, 2, 6, 17, 33, 58, 132, 136 };
    const audit_run *r = f->run;
    const covey_audit_limits *l = &r->limits;
    FILE *out = open_memstream(&f->order, &f->order_len);

    if (out == NULL) {
        return false;
    }
    fputs("covey-fence 1\n", out);
    order_host(out, "target", &f->act.what.target);
    for (size_t i = 0; i < r->terms->source_count && i < 15; i++) {
        order_host(out, "source", &r->terms->sources[i]);
    }
    fprintf(out,
            "rate %" PRIu32 " %" PRIu32 "\nbudget %" PRIu32
            "\nseconds %" PRIu32 "\n",
            l->packets_s < 1000 ? l->packets_s : 1000, l->bytes_s,
            f->run->tool->packets, f->run->tool->seconds);
    for (size_t i = 0; i < sizeof protocols; i++) {
        if (protocols[i] == COVEY_AUDIT_TCP ||
            protocols[i] == COVEY_AUDIT_UDP) {
            order_ports(out, r, &f->act, protocols[i]);
        } else {
            order_whole(out, r, &f->act, protocols[i]);
        }
    }
    fputs("end\n", out);
    return fclose(out) == 0 &&
           audit_digest(
               r->crypto,
               covey_bytes_of((const uint8_t *)f->order, f->order_len),
               f->order_sha256);
}

/* --- the fence ----------------------------------------------------------- */

static const char *fence_program(const audit_args *a)
{
    return a->fence != NULL ? a->fence : "/usr/sbin/covey-fence";
}

/* In the child: 0 the order, 1 the report, 3 and 4 the files. */
static void become_fence(const fenced *f, const int fds[4])
{
    static const char *const before[] = { "covey-fence", "--output", "3",
                                          "--errors",    "4",        "--" };
    const size_t words = sizeof before / sizeof before[0];
    char *argv[TOOL_COMMAND_MAX + 8];
    int high[4];
    sigset_t none;

    for (size_t i = 0; i < 4; i++) {
        high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 64);
    }
    for (size_t i = 0; i < words; i++) {
        argv[i] = (char *)(uintptr_t)before[i];
    }
    for (size_t i = 0; i <= f->command.argc; i++) {
        argv[words + i] = (char *)(uintptr_t)f->command.argv[i];
    }
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(high[0], 0) >= 0 && dup2(high[1], 1) >= 0 &&
        dup2(high[2], 3) >= 0 && dup2(high[3], 4) >= 0 && setpgid(0, 0) == 0 &&
        sigprocmask(SIG_SETMASK, &none, NULL) == 0) {
        execv(fence_program(f->run->args), argv);
    }
    _exit(AUDIT_NO_FENCE);
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

static int create(const audit_run *r, uint64_t act, const char *kind,
                  char path[AUDIT_PATH_MAX])
{
    const int n = snprintf(path, AUDIT_PATH_MAX, "%s/tool-%" PRIu64 ".%s",
                           r->args->evidence, act, kind);

    return n > 0 && n < AUDIT_PATH_MAX
               ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
               : -1;
}

/* Starts it and gives it its order. */
static bool start_fence(fenced *f)
{
    int in[2] = { -1, -1 };
    int out[2] = { -1, -1 };
    int files[2];

    files[0] = create(f->run, f->act.number, "out", f->output);
    files[1] = create(f->run, f->act.number, "err", f->errors);
    bool good = files[0] >= 0 && files[1] >= 0 && pipe2(in, O_CLOEXEC) == 0 &&
                pipe2(out, O_CLOEXEC) == 0;
    if (good) {
        const int fds[] = { in[0], out[1], files[0], files[1] };
        f->pid = fork();
        if (f->pid == 0) {
            become_fence(f, fds);
        }
        good = f->pid > 0;
    }
    close_all(files, 2);
    close_all(&in[0], 1);
    close_all(&out[1], 1);
    f->control = in[1];
    f->report = out[0];
    /* a fence that has ended already is no reason to die */
    signal(SIGPIPE, SIG_IGN);
    return good &&
           write(f->control, f->order, f->order_len) == (ssize_t)f->order_len;
}

/* What it says; false: it has said all. */
static bool hear(fenced *f)
{
    const ssize_t n = read(f->report, f->said + f->said_len,
                           sizeof f->said - 1 - f->said_len);

    if (n <= 0) {
        return false;
    }
    f->said_len += (size_t)n;
    f->said[f->said_len] = '\0';
    return true;
}

static bool is_readable(int fd)
{
    struct pollfd one = { fd, POLLIN, 0 };

    return poll(&one, 1, LAST_MS) == 1;
}

/* Until the tool ends, or has to: then the fence closes, and is heard to its
 * end in any case. */
static void watch(fenced *f)
{
    audit_guard *g = &f->run->guard;
    const covey_ms end = guard_now() + (covey_ms)f->act.what.duration * 1000;
    bool more = true;

    while (more && guard_wait(g, f->report, -1, end) == GUARD_FIRST) {
        more = hear(f);
    }
    close_all(&f->control, 1);
    f->control = -1;
    while (more && is_readable(f->report)) {
        more = hear(f);
    }
    if (more) {
        kill(f->pid, SIGKILL);
    }
}

/* --- what it counted ----------------------------------------------------- */

/* "NAME PACKETS BYTES" */
static void read_counter(fenced *f, const char *text)
{
    for (size_t i = 0; i < FENCE_COUNTS; i++) {
        const size_t len = strlen(count_names[i]);
        char *end = NULL;

        if (strncmp(count_names[i], text, len) != 0 || text[len] != ' ') {
            continue;
        }
        f->counts[i] = strtoull(text + len, &end, 10);
        if (i == PASSED) {
            f->bytes = strtoull(end, NULL, 10);
        }
    }
}

static void read_report(fenced *f)
{
    char *save = NULL;

    for (char *line = strtok_r(f->said, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        if (strncmp(line, "started ", 8) == 0) {
            f->started = true;
        } else if (strncmp(line, "ended ", 6) == 0) {
            snprintf(f->ended, sizeof f->ended, "%.24s", line + 6);
        } else if (strncmp(line, "counter ", 8) == 0) {
            read_counter(f, line + 8);
        }
    }
}

/* --- the record ---------------------------------------------------------- */

static bool digest_file(const audit_run *r, const char *path,
                        char hex[AUDIT_DIGEST_MAX])
{
    uint8_t block[16384];
    uint8_t digest[32];
    covey_writer w = covey_writer_of(digest, sizeof digest);
    covey_hash h;
    FILE *in = fopen(path, "rb");
    const covey_crypto *c = r->crypto;
    bool good = in != NULL &&
                c->hash_begin(c->provider, COVEY_SHA_256, &h) == COVEY_OK;

    if (!good) {
        if (in != NULL) {
            fclose(in);
        }
        return false;
    }
    for (size_t n = 1; good && n > 0;) {
        n = fread(block, 1, sizeof block, in);
        good = c->hash_update(c->provider, &h, covey_bytes_of(block, n)) ==
               COVEY_OK;
    }
    good =
        good && !ferror(in) && c->hash_finish(c->provider, &h, &w) == COVEY_OK;
    c->hash_drop(c->provider, &h);
    fclose(in);
    if (good) {
        text_hex(covey_bytes_of(digest, sizeof digest), hex);
    }
    return good;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* Before it is started: which program, with which arguments, behind which
 * fence. */
static bool record_intent(const fenced *f)
{
    json_t *line = audit_record_act(f->run, &f->act, "intent");
    json_t *words = json_array();

    for (size_t i = 0; i < f->command.argc; i++) {
        json_array_append_new(words, json_string(f->command.argv[i]));
    }
    json_object_set_new(line, "tool",
                        json_pack("{s:s, s:s, s:o, s:s}", "name",
                                  f->run->tool->name, "sha256",
                                  f->program_sha256, "arguments", words,
                                  "order_sha256", f->order_sha256));
    return audit_record(f->run, line, true);
}

static void record_result(const fenced *f, enum audit_outcome outcome)
{
    json_t *counts = json_object();
    char output[AUDIT_DIGEST_MAX] = "";
    char errors[AUDIT_DIGEST_MAX] = "";

    for (size_t i = 0; i < FENCE_COUNTS; i++) {
        json_object_set_new(counts, count_names[i],
                            json_integer((json_int_t)f->counts[i]));
    }
    digest_file(f->run, f->output, output);
    digest_file(f->run, f->errors, errors);
    audit_record(
        f->run,
        json_pack("{s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:s, s:o, s:s, s:s, "
                  "s:s, s:s, s:[], s:[]}",
                  "kind", "result", "act", (json_int_t)f->act.number, "check",
                  f->act.check->id, "outcome", audit_outcome_text(outcome),
                  "packets", (json_int_t)f->counts[PASSED], "bytes",
                  (json_int_t)f->bytes, "answers",
                  (json_int_t)f->counts[ANSWERS], "ended", f->ended, "fence",
                  counts, "output", base_of(f->output), "output_sha256",
                  output, "errors", base_of(f->errors), "errors_sha256",
                  errors, "notes", "findings"),
        false);
}

/* What nmap has written, judged as any import; it may be cut off. */
static void take_over(const fenced *f)
{
    static import i;

    if (!import_read(&i, reader_find("nmap"), f->output, f->run->crypto)) {
        import_free(&i);
        return;
    }
    i.act = f->act.number;
    i.writing = true;
    import_judge(&i, f->run);
    if (f->counts[HELD] > 0) {
        char text[READER_FIELD_MAX];
        snprintf(text, sizeof text,
                 "%" PRIu64 " packets were held back by the pace of the "
                 "mandate: what is called filtered may not be",
                 f->counts[HELD]);
        json_array_append_new(i.notes, json_string(text));
    }
    f->run->untested += i.refused;
    import_record_end(&i, f->run);
    import_free(&i);
}

/* --- one host ------------------------------------------------------------ */

static enum audit_outcome outcome_of(const fenced *f, int status)
{
    if (f->run->guard.why != STOP_NONE) {
        return OUTCOME_STOPPED;
    }
    if (!f->started || !WIFEXITED(status) ||
        (WEXITSTATUS(status) != AUDIT_DONE &&
         WEXITSTATUS(status) != FENCE_CLOSED)) {
        return OUTCOME_FAILED;
    }
    return f->counts[SPENT] > 0 ? OUTCOME_DENIED : OUTCOME_DONE;
}

static void do_fenced(fenced *f)
{
    audit_run *r = f->run;
    int status = 0;

    guard_until(&r->guard, f->act.verdict.until);
    if (!record_intent(f)) {
        return;
    }
    r->allowed++;
    const bool begun = start_fence(f);
    if (begun) {
        watch(f);
    }
    close_all(&f->control, 1);
    close_all(&f->report, 1);
    while (f->pid > 0 && waitpid(f->pid, &status, 0) < 0 && errno == EINTR) {
        /* again */
    }
    read_report(f);
    f->act.target->done.packets += (uint32_t)f->counts[PASSED];
    r->packets += f->counts[PASSED];
    if (!begun || (WIFEXITED(status) && WEXITSTATUS(status) > FENCE_CLOSED) ||
        !f->started) {
        r->no_fence = true;
        r->fence_failed = true;
    }
    record_result(f, outcome_of(f, status));
    if (f->run->tool->nmap && f->started) {
        take_over(f);
    }
}

/* By the first clause that has the host, and permits it now; false: none. */
static bool choose(fenced *f)
{
    const audit_run *r = f->run;
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };

    for (size_t c = 0; c < r->gate.documents[0].scope_count; c++) {
        const covey_audit_range *range = &r->terms->ranges[c];
        f->act.what.protocol = range->protocol == COVEY_AUDIT_UDP
                                   ? COVEY_AUDIT_UDP
                                   : COVEY_AUDIT_TCP;
        f->act.what.target.port = range->first;
        if (covey_audit_decide(&r->gate, &f->act.what, &now,
                               &f->act.target->done)
                .reason == COVEY_AUDIT_ALLOWED) {
            return true;
        }
    }
    return false;
}

static void tell_plan(audit_run *r, const fenced *f)
{
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    covey_audit_counters *done = &f->act.target->done;
    const covey_audit_verdict v =
        covey_audit_decide(&r->gate, &f->act.what, &now, done);
    const bool allowed = v.reason == COVEY_AUDIT_ALLOWED;
    char target[ADDRESS_TEXT_MAX];

    r->allowed += allowed ? 1 : 0;
    r->refused += allowed ? 0 : 1;
    done->packets += allowed ? r->tool->packets : 0;
    fprintf(r->plan, "%s %s, up to %" PRIu32 " packets, by %s: %s%s\n",
            f->act.check->id, address_text(&f->act.target->host, target),
            r->tool->packets, r->tool->name, allowed ? "clause " : "refused: ",
            allowed ? r->terms->clauses[v.clause]
                    : covey_audit_reason_name(v.reason));
}

/* Once the gate has said so. */
static void scan(fenced *f)
{
    audit_run *r = f->run;

    audit_act_judge(r, &f->act);
    if (f->act.verdict.reason != COVEY_AUDIT_ALLOWED) {
        return;
    }
    f->act.number = r->acts++;
    tool_fill(r->tool, &f->act.target->host, r->limits.packets_s, &f->command);
    if (write_order(f)) {
        do_fenced(f);
    }
    free(f->order);
}

void external_host(audit_run *r, audit_target *t)
{
    static const audit_check row = { .id = EXTERNAL_ID,
                                     .title = "external scanner" };
    static fenced f;

    memset(&f, 0, sizeof f);
    f.run = r;
    f.control = -1;
    f.report = -1;
    f.act.check = &row;
    f.act.target = t;
    f.act.what.technique = r->tool->technique;
    f.act.what.target = t->host;
    f.act.what.packets = r->tool->packets;
    f.act.what.duration = r->tool->seconds + SLACK_S;
    if (r->plan != NULL) {
        const bool probed =
            choose(&f) && audit_health_tell_around(r, t, &f.act.what);
        tell_plan(r, &f);
        if (probed) {
            audit_health_tell(r, t, "after it");
        }
        return;
    }
    if (r->fence_failed ||
        !digest_file(r, r->tool->program, f.program_sha256)) {
        r->no_fence = true;
        r->fence_failed = true;
        audit_act_leave_out(r, &f.act, "no external scanner behind a fence");
        return;
    }
    const bool answers = choose(&f) && audit_health_before(r, t, &f.act.what);
    if (r->guard.why != STOP_NONE) {
        return;
    }
    scan(&f);
    if (answers && guard_check(&r->guard) == STOP_NONE) {
        audit_health_again(r, t);
    }
}
