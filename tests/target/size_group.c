/* SPDX-License-Identifier: BSD-2-Clause */
/* The program whose text, less that of size_codec.c, is the footprint of
 * a group's member. */
#include "use.h"

int main(void)
{
    return use_group();
}
