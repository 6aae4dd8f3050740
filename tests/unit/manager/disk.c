/* SPDX-License-Identifier: BSD-2-Clause */
/* The disk: rows as they were stored. */
#include "fixture.h"

static covey_manager_group *disk_group(struct disk *d, uint16_t serial)
{
    for (size_t i = 0; i < GROUPS; i++) {
        if (d->groups[i].serial == serial) {
            return &d->groups[i];
        }
    }
    return NULL;
}

static size_t disk_member(const struct disk *d, const covey_manager_member *r)
{
    for (size_t i = 0; i < ROWS; i++) {
        const covey_manager_member *row = &d->members[i];

        if (row->serial == r->serial && row->name_len == r->name_len &&
            memcmp(row->name, r->name, r->name_len) == 0) {
            return i;
        }
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (d->members[i].serial == 0) {
            return i;
        }
    }
    fail_msg("the disk is full");
    return 0;
}

static void put_group(struct disk *d, const covey_manager_group *row)
{
    covey_manager_group *to = disk_group(d, row->serial);

    if (to == NULL) {
        to = disk_group(d, 0);
        assert_non_null(to);
        assert_int_equal(row->revision, 1);
    } else {
        assert_int_equal(row->revision, to->revision + 1);
        /* never two keys for one version */
        assert_true(row->version > to->version ||
                    memcmp(row->master_secret, to->master_secret,
                           COVEY_MANAGER_SECRET_MAX) == 0);
    }
    *to = *row;
}

static void put_member(struct disk *d, const covey_manager_member *row)
{
    const size_t at = disk_member(d, row);

    d->members[at] = *row;
    if (row->credential.len > 0) {
        memcpy(d->credentials[at], row->credential.ptr, row->credential.len);
    }
    d->members[at].credential =
        covey_bytes_of(d->credentials[at], row->credential.len);
}

static void put_stale(struct disk *d, const covey_manager_stale *row)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (d->stale[i].serial == 0) {
            d->stale[i] = *row;
            return;
        }
    }
    fail_msg("the disk is full");
}

static void drop_stale(struct disk *d, uint16_t serial, uint32_t below)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (d->stale[i].serial == serial && d->stale[i].version < below) {
            memset(&d->stale[i], 0, sizeof d->stale[i]);
        }
    }
}

static void delete_group(struct disk *d, uint16_t serial)
{
    memset(disk_group(d, serial), 0, sizeof(covey_manager_group));
    for (size_t i = 0; i < ROWS; i++) {
        if (d->members[i].serial == serial) {
            memset(&d->members[i], 0, sizeof d->members[i]);
        }
    }
    drop_stale(d, serial, UINT32_MAX);
}

void disk_apply(struct disk *d, const covey_manager_change *c)
{
    switch (c->kind) {
    case COVEY_MANAGER_PUT_SERIAL:
        assert_true(c->number > d->serial);
        d->serial = c->number;
        break;
    case COVEY_MANAGER_PUT_GROUP:
        put_group(d, c->group);
        break;
    case COVEY_MANAGER_DELETE_GROUP:
        delete_group(d, c->serial);
        break;
    case COVEY_MANAGER_PUT_MEMBER:
        put_member(d, c->member);
        break;
    case COVEY_MANAGER_DELETE_MEMBER:
        memset(&d->members[disk_member(d, c->member)], 0,
               sizeof d->members[0]);
        break;
    case COVEY_MANAGER_PUT_STALE:
        put_stale(d, c->stale);
        break;
    case COVEY_MANAGER_DROP_STALE:
        drop_stale(d, c->serial, c->number);
        break;
    case COVEY_MANAGER_TOLD:
        d->members[disk_member(d, c->member)].told = c->member->told;
        break;
    }
}

void disk_load(struct world *w, uint16_t serial)
{
    const struct disk *d = &w->disk;

    for (size_t i = 0; i < GROUPS; i++) {
        if (d->groups[i].serial != 0 &&
            (serial == 0 || d->groups[i].serial == serial)) {
            CHECK_STATUS(COVEY_OK,
                         covey_manager_load_group(&w->manager, &d->groups[i]));
        }
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (d->members[i].serial != 0 &&
            (serial == 0 || d->members[i].serial == serial)) {
            CHECK_STATUS(COVEY_OK, covey_manager_load_member(&w->manager,
                                                             &d->members[i]));
        }
        if (d->stale[i].serial != 0 &&
            (serial == 0 || d->stale[i].serial == serial)) {
            CHECK_STATUS(COVEY_OK,
                         covey_manager_load_stale(&w->manager, &d->stale[i]));
        }
    }
}
