/* SPDX-License-Identifier: BSD-2-Clause */
/* Serves a worker: it asks to send and to wait, and says what it has found. It
 * may have been taken over by an answer, so nothing it says is believed:
 * lengths, numbers and texts are looked at, and what it may send is for
 * packets.c to say. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_address.h>
#include <unistd.h>

enum {
    FINDINGS_MAX = 32, /* of an act */
    NOTES_MAX = 64,
    GROUP_MAX = 1024 /* members whose answers are told apart */
};

/* --- the worker ---------------------------------------------------------- */

/* In the child: a process image of its own, so that the auditor's key is not
 * in it, with the socket as its only descriptor but standard error. */
static void become_worker(const broker *b, int fd)
{
    const audit_run *r = b->run;
    const bool own = b->act->what.technique == COVEY_AUDIT_REPLAY;
    char name[] = "covey-audit";
    char verb[] = "worker";
    char file[AUDIT_PATH_MAX];
    char folder[AUDIT_PATH_MAX];
    char *argv[] = { name, verb, own ? file : NULL, folder, NULL };

    snprintf(file, sizeof file, "%s", own ? r->credential_file : "");
    snprintf(folder, sizeof folder, "%s", own ? r->state : "");
    const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (nothing >= 0 && dup2(fd, STDIN_FILENO) >= 0 &&
        dup2(nothing, STDOUT_FILENO) >= 0) {
        execv("/proc/self/exe", argv);
    }
    _exit(AUDIT_IO);
}

static bool start_worker(broker *b)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        return false;
    }
    b->worker = pair[0];
    b->pid = fork();
    if (b->pid == 0) {
        become_worker(b, pair[1]);
    }
    close(pair[1]);
    return b->pid > 0;
}

static void end_worker(broker *b)
{
    if (b->worker >= 0) {
        close(b->worker);
    }
    if (b->pid > 0) {
        kill(b->pid, SIGKILL);
        while (waitpid(b->pid, NULL, 0) < 0 && errno == EINTR) {
            /* again */
        }
    }
    b->worker = -1;
    b->pid = 0;
}

static bool tell(broker *b, covey_bytes message)
{
    return send(b->worker, message.ptr, message.len, MSG_NOSIGNAL) ==
           (ssize_t)message.len;
}

static bool say(broker *b, enum wire_type type)
{
    const uint8_t byte = (uint8_t)type;

    return tell(b, covey_bytes_of(&byte, 1));
}

/* What it has to know. */
static bool brief(broker *b)
{
    const audit_target *t = b->act->target;
    const covey_bytes facts = inventory_facts(b->run->inventory, &t->host);
    size_t count = 0;
    const audit_check *all = audit_checks(&count);
    char canary[ADDRESS_TEXT_MAX] = "";
    covey_writer w = covey_writer_of(b->buffer, sizeof b->buffer);

    if (b->canary >= 0) {
        address_text(&b->canary_local, canary);
    }
    if (b->act->what.technique == COVEY_AUDIT_REPLAY &&
        b->run->credential != NULL) {
        json_array_append_new(
            b->notes, json_sprintf("credential %s", b->run->credential->id));
    }
    covey_write_u8(&w, WIRE_BEGIN);
    covey_write_u8(&w, (uint8_t)(b->act->check - all));
    covey_write_u32(&w, b->run->terms->stop_if_silent_s * 1000);
    covey_write_u32(&w, (uint32_t)(guard_unix_ms(&b->run->guard) / 1000));
    covey_write_u8(&w, t->host.family);
    covey_write_bytes(&w, covey_bytes_of(t->host.ip, sizeof t->host.ip));
    covey_write_u8(&w, (uint8_t)strlen(canary));
    covey_write_bytes(&w,
                      covey_bytes_of((const uint8_t *)canary, strlen(canary)));
    covey_write_u32(&w, (uint32_t)facts.len);
    covey_write_bytes(&w, facts);
    covey_write_u8(&w, t->dtls ? 1 : 0);
    covey_write_u32(&w, t->core_asked);
    covey_write_u32(&w, t->core_answered);
    covey_write_bytes(&w, covey_bytes_of(t->kept, t->kept_len));
    return w.failed == COVEY_OK && tell(b, covey_written(&w));
}

bool broker_begin(broker *b)
{
    const covey_crypto *c = b->run->crypto;

    b->sock = -1;
    b->canary = -1;
    b->worker = -1;
    b->outcome = OUTCOME_FAILED;
    b->deadline = guard_now() + (covey_ms)b->act->what.duration * 1000;
    b->findings = json_array();
    b->notes = json_array();
    b->peers = calloc(GROUP_MAX, sizeof *b->peers);
    return b->peers != NULL &&
           c->hash_begin(c->provider, COVEY_SHA_256, &b->digest) == COVEY_OK;
}

bool broker_open(broker *b)
{
    return b->act->verdict.responders <= GROUP_MAX && packets_open(b) &&
           start_worker(b) && brief(b);
}

void broker_close(broker *b)
{
    const covey_crypto *c = b->run->crypto;

    packets_close(b);
    end_worker(b);
    c->hash_drop(c->provider, &b->digest);
    json_decref(b->findings);
    json_decref(b->notes);
    free(b->peers);
}

/* --- what it says -------------------------------------------------------- */

static void take_finding(broker *b, covey_bytes content)
{
    char detail[WIRE_DETAIL_MAX + 1];

    if (content.len < 1 || json_array_size(b->findings) >= FINDINGS_MAX) {
        return;
    }
    audit_printable(covey_bytes_of(content.ptr + 1, content.len - 1), detail,
                    sizeof detail);
    json_t *finding = audit_record_finding(content.ptr[0], detail);
    if (finding != NULL) {
        json_array_append_new(b->findings, finding);
    }
}

static void take_note(broker *b, covey_bytes content)
{
    char text[WIRE_DETAIL_MAX + 1];

    if (json_array_size(b->notes) < NOTES_MAX) {
        audit_printable(content, text, sizeof text);
        json_array_append_new(b->notes, json_string(text));
    }
}

static void keep(broker *b, covey_bytes content)
{
    audit_target *t = b->act->target;

    if (content.len <= sizeof t->kept) {
        memcpy(t->kept, content.ptr, content.len);
        t->kept_len = content.len;
        t->open = true;
    }
}

/* Of a request and its answer; a datagram has 64 kB. */
static void take_size(audit_target *t, covey_bytes content)
{
    covey_reader r = covey_reader_of(content);
    const uint32_t asked = covey_read_u32(&r);
    const uint32_t answered = covey_read_u32(&r);

    if (covey_read_done(&r) && asked > 0 && asked <= UINT16_MAX &&
        answered <= UINT16_MAX) {
        t->core_asked = asked;
        t->core_answered = answered;
    }
}

static void take_seen(audit_target *t, covey_bytes content)
{
    const bool good = content.len == 1;

    t->certified =
        t->certified || (good && content.ptr[0] == WIRE_SEEN_CERTIFICATE);
    t->dtls = t->dtls || (good && content.ptr[0] == WIRE_SEEN_DTLS);
}

/* --- what it asks for ---------------------------------------------------- */

static bool await(broker *b, covey_bytes content)
{
    covey_reader r = covey_reader_of(content);
    const covey_ms until =
        covey_earlier(guard_now() + covey_read_u32(&r), b->deadline);

    if (!covey_read_done(&r)) {
        return false;
    }
    for (;;) {
        uint16_t who = 0;
        if (b->closed) {
            return say(b, WIRE_REFUSED);
        }
        const guard_result g =
            guard_wait(&b->run->guard, b->sock, b->canary, until);
        if (g == GUARD_STOPPED) {
            b->outcome = OUTCOME_STOPPED;
            return false;
        }
        if (g == GUARD_TIMEOUT) {
            return say(b, WIRE_SILENT);
        }
        const size_t n = packets_take(b, g == GUARD_SECOND, 3, &who);
        if (n > 0) {
            b->buffer[0] = WIRE_DATA;
            b->buffer[1] = (uint8_t)(who >> 8);
            b->buffer[2] = (uint8_t)(who & 0xff);
            return tell(b, covey_bytes_of(b->buffer, n + 3));
        }
    }
}

/* What was refused is answered, so that the check can end in its own way,
 * unless all has stopped. */
static bool answer(broker *b, bool good)
{
    return b->run->guard.why == STOP_NONE &&
           say(b, good ? WIRE_DONE : WIRE_DENIED);
}

/* False: the act has ended. */
static bool serve_one(broker *b, covey_bytes message)
{
    const covey_bytes content =
        covey_bytes_of(message.ptr + 1, message.len - 1);

    switch ((enum wire_type)message.ptr[0]) {
    case WIRE_SEND:
        return answer(b, packets_send(b, content));
    case WIRE_PORT:
        return answer(b, packets_port(b));
    case WIRE_REPLY:
        return answer(b, packets_reply(b, content));
    case WIRE_AWAIT:
        return await(b, content);
    case WIRE_FINDING:
        take_finding(b, content);
        return true;
    case WIRE_NOTE:
        take_note(b, content);
        return true;
    case WIRE_KEEP:
        keep(b, content);
        return true;
    case WIRE_SIZE:
        take_size(b->act->target, content);
        return true;
    case WIRE_SEEN:
        take_seen(b->act->target, content);
        return true;
    case WIRE_END:
        b->outcome = content.len == 1 && content.ptr[0] < OUTCOMES
                         ? (enum audit_outcome)content.ptr[0]
                         : OUTCOME_FAILED;
        return false;
    case WIRE_BEGIN:
    case WIRE_DONE:
    case WIRE_DENIED:
    case WIRE_DATA:
    case WIRE_SILENT:
    case WIRE_REFUSED:
        break;
    }
    b->outcome = OUTCOME_FAILED;
    return false;
}

/* The next message of the worker, if it comes in time. */
static bool hear_one(broker *b)
{
    static uint8_t message[WIRE_MAX];
    const guard_result g =
        guard_wait(&b->run->guard, b->worker, -1, b->deadline);

    /* it thinks for too long, or it has ended without a word */
    b->outcome = OUTCOME_FAILED;
    if (g != GUARD_FIRST) {
        return false;
    }
    const ssize_t n = recv(b->worker, message, sizeof message, 0);
    return n > 0 && serve_one(b, covey_bytes_of(message, (size_t)n));
}

void broker_serve(broker *b)
{
    while (hear_one(b)) {
        /* again */
    }
    if (b->run->guard.why != STOP_NONE) {
        b->outcome = OUTCOME_STOPPED;
    }
}
