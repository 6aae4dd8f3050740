/* SPDX-License-Identifier: BSD-2-Clause */
/* What size_schc.c costs without SCHC: startup and exit. */
int main(void)
{
    return 0;
}
