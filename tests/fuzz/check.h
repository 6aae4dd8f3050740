/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fuzz target wants to be true in every build. */
#ifndef COVEY_FUZZ_CHECK_H
#define COVEY_FUZZ_CHECK_H

#include <stdlib.h>

#define CHECK(fact)                                                           \
    do {                                                                      \
        if (!(fact)) {                                                        \
            abort();                                                          \
        }                                                                     \
    } while (0)

#endif
