/* SPDX-License-Identifier: BSD-2-Clause */
/* A process among others over one store, for test_processes.py:
 *     probe WHERE pivs COUNT     numbers of one lease, one at a time
 *     probe WHERE rekeys COUNT   rekeyings of one group
 *     probe WHERE hold           takes the lease, says so, and waits
 *     probe WHERE open           opens it, and says 1
 *     probe WHERE backup FILE    makes a backup, and says 1
 * Each number or version is printed when it is durable, never before. What
 * somebody else has is tried again, and so is a database that is away. */
#include "copy.h"
#include "groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    ATTEMPTS_MAX = 20000
};

static const uint8_t id_bytes[] = { 1, 2, 3 };
static unsigned attempts;

/* After a result that passes by; anything else is the end. */
static void again(const store *s, store_result r)
{
    const struct timespec pause = { 0, 5000000 };

    if ((r != STORE_AGAIN && r != STORE_TAKEN && r != STORE_NONE) ||
        ++attempts == ATTEMPTS_MAX) {
        fprintf(stderr, "probe: %s: %s\n", store_result_name(r),
                store_error(s));
        exit(1);
    }
    nanosleep(&pause, NULL);
}

static void say(uint64_t number)
{
    printf("%llu\n", (unsigned long long)number);
    fflush(stdout);
}

static void take(store *s, store_lease *lease)
{
    const store_numbers first = { 0, 0, false };
    const covey_bytes id = covey_bytes_of(id_bytes, sizeof id_bytes);
    store_result r;

    while ((r = store_lease_take(s, id, &first, lease)) != STORE_OK) {
        again(s, r);
    }
}

/* As a manager that answers one request and gives way. */
static void pivs(store *s, unsigned count)
{
    store_lease lease;
    uint64_t piv;

    for (unsigned i = 0; i < count;) {
        take(s, &lease);
        store_result r = store_reserve_piv(s, &lease, 1, &piv);
        if (r == STORE_OK) {
            say(piv);
            i++;
        } else {
            again(s, r);
        }
        r = store_lease_release(s, &lease, NULL);
        if (r != STORE_OK) {
            again(s, r);
        }
    }
}

static void on_group(void *user, const store_group *g)
{
    store_group *out = user;

    out->revision = g->revision;
    out->version = g->version;
}

static store_result change(store *s, store_group *g)
{
    store_result r = store_groups(s, 1, on_group, g);

    if (r != STORE_OK && r != STORE_NONE) {
        return r;
    }
    g->revision++;
    g->version++;
    r = store_begin(s);
    if (r == STORE_OK) {
        r = store_group_put(s, g);
    }
    if (r == STORE_OK) {
        return store_commit(s);
    }
    store_rollback(s);
    return r;
}

static void rekeys(store *s, unsigned count)
{
    for (unsigned i = 0; i < count;) {
        store_group g = { .serial = 1,
                          .name = covey_bytes_text("g"),
                          .master_secret = covey_bytes_text("secret"),
                          .master_salt = covey_bytes_text(""),
                          .settings = covey_bytes_text("") };
        const store_result r = change(s, &g);
        if (r == STORE_OK) {
            say(g.version);
            i++;
        } else if (r == STORE_REFUSED && g.revision == 1) {
            again(s, STORE_TAKEN); /* somebody else made the group */
        } else {
            again(s, r);
        }
    }
}

static void backup(store *s, const char *path)
{
    store_result r;

    while ((r = store_backup(s, path)) != STORE_OK) {
        again(s, r);
    }
    say(1);
}

int main(int argc, char **argv)
{
    char why[512] = "";
    const store_options options = { argc > 2 ? argv[1] : "", NULL, NULL };
    const char *what = argc > 2 ? argv[2] : "";
    const unsigned count = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
    store *s = store_open(&options, why, sizeof why);

    if (s == NULL) {
        fprintf(stderr, "probe: %s\n", why);
        return 1;
    }
    if (strcmp(what, "pivs") == 0) {
        pivs(s, count);
    } else if (strcmp(what, "rekeys") == 0) {
        rekeys(s, count);
    } else if (strcmp(what, "backup") == 0 && argc > 3) {
        backup(s, argv[3]);
    } else if (strcmp(what, "open") == 0) {
        say(1);
    } else {
        store_lease lease;
        take(s, &lease);
        say(lease.epoch);
        (void)getchar();
    }
    store_close(s);
    return 0;
}
