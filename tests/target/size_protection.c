/* SPDX-License-Identifier: BSD-2-Clause */
/* The program whose text, less that of size_codec.c, is the footprint of
 * both, one beside the other. */
#include "use.h"

int main(void)
{
    return use_oscore() + use_group();
}
