/* SPDX-License-Identifier: BSD-2-Clause */
/* Enrolment files. From memory no other file is read, so that no node is
 * complete: what is left are the refusals, and that nothing leaks. */
#include "conf_oracle.h"

#include <enrol.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);

    check(messages != NULL);
    enrol_file *f = enrol_load_text((const char *)data, size, "t", messages);
    check(fclose(messages) == 0);
    check_messages(text, len, f == NULL);
    check(f == NULL || enrol_count(f) == 0);
    free(text);
    enrol_free(f);
    return 0;
}
