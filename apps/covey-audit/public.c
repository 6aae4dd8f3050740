/* SPDX-License-Identifier: BSD-2-Clause */
/* The first stage: what is public already, from files of a folder. Nothing is
 * sent. The files are copied into the folder of the evidence, under the prefix
 * below, and their hashes stand in its first line. */
#include "launch.h"
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define PREFIX "public-"

enum {
    FILES_MAX = 64
};

/* Regular files without a dot before their names. */
static bool is_fact(const char *path, const char *name)
{
    struct stat about;

    return name[0] != '.' && stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static bool join(char out[AUDIT_PATH_MAX], const char *folder,
                 const char *prefix, const char *name)
{
    const int n =
        snprintf(out, AUDIT_PATH_MAX, "%s/%s%s", folder, prefix, name);

    return n > 0 && n < AUDIT_PATH_MAX;
}

static int copy_one(audit_launch *l, const audit_args *a, const char *name)
{
    char from[AUDIT_PATH_MAX];
    char to[AUDIT_PATH_MAX];

    if (!join(from, a->facts, "", name) || !is_fact(from, name)) {
        return AUDIT_DONE;
    }
    if (json_array_size(l->files) >= FILES_MAX ||
        !join(to, a->evidence, PREFIX, name)) {
        return audit_fail("run", AUDIT_IO, "%s: more than %d files", a->facts,
                          FILES_MAX);
    }
    return launch_copy(l, from, to, to + strlen(a->evidence) + 1);
}

int public_copy(audit_launch *l, const audit_args *a)
{
    DIR *folder = opendir(a->facts);
    int status = AUDIT_DONE;

    if (folder == NULL) {
        return audit_fail("run", AUDIT_IO, "%s: %s", a->facts,
                          strerror(errno));
    }
    for (struct dirent *e = readdir(folder); status == AUDIT_DONE && e != NULL;
         e = readdir(folder)) {
        status = copy_one(l, a, e->d_name);
    }
    closedir(folder);
    return status;
}

/* What was given, into the notes of the act. */
static size_t note_files(broker *b)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(b->run->files); i++) {
        const json_t *file = json_array_get(b->run->files, i);
        const char *name = json_string_value(json_object_get(file, "name"));
        if (strncmp(name, PREFIX, strlen(PREFIX)) == 0) {
            json_array_append_new(
                b->notes, json_sprintf("%s %s", name + strlen(PREFIX),
                                       json_string_value(
                                           json_object_get(file, "sha256"))));
            count++;
        }
    }
    return count;
}

void public_do(broker *b)
{
    b->outcome = note_files(b) > 0 ? OUTCOME_DONE : OUTCOME_SILENT;
}

void public_run(audit_run *r)
{
    static const audit_check check = { .id = PUBLIC_ID,
                                       .title = "public information",
                                       .technique = COVEY_AUDIT_PUBLIC };
    audit_target nobody = { .done = { .stages = UINT32_MAX } };
    audit_act a = { .check = &check,
                    .target = &nobody,
                    .what = { .technique = COVEY_AUDIT_PUBLIC } };
    enum audit_outcome outcome = OUTCOME_DONE;

    if (!audit_stage_asked(r, COVEY_AUDIT_PUBLIC)) {
        return;
    }
    if (r->plan != NULL) {
        r->allowed++;
        fprintf(r->plan, "%s -, nothing is sent\n", check.id);
    } else if (r->args->facts == NULL) {
        audit_act_leave_out(r, &a, "no public facts were given");
        audit_stage_end(r, NULL, COVEY_AUDIT_STAGE_PUBLIC, r->packets);
    } else if (audit_act_try(r, &a, &outcome)) {
        audit_stage_end(r, NULL, COVEY_AUDIT_STAGE_PUBLIC, r->packets);
    }
}
