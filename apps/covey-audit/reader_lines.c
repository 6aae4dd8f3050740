/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of files, and the lines that are made of them. */
#include "reader.h"

#include <inttypes.h>
#include <string.h>

static const reader_kind kinds[] = {
    { "nmap", reader_nmap, "scan.xml", "XML as of nmap -oX" },
    /* not copied, it has payloads */
    { "pcap", reader_pcap, NULL, "a capture, pcap or pcapng" },
    { "shadowserver", reader_shadowserver, "report.csv",
      "CSV with timestamp, ip, protocol and port in its first line" },
    { "security.txt", reader_security, "security.txt",
      "fields of RFC 9116, such as Contact" },
};

const reader_kind *reader_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* --- lines --------------------------------------------------------------- */

static void put_field(FILE *out, const char *text)
{
    for (size_t i = 0; i < READER_FIELD_MAX && text[i] != '\0'; i++) {
        const unsigned char c = (unsigned char)text[i];
        putc(c >= ' ' && c <= '~' ? c : '?', out);
    }
}

void reader_line(reader *r, const char *word, const char *const fields[])
{
    if (r->lines >= READER_LINES_MAX) {
        return;
    }
    r->lines++;
    fputs(word, r->out);
    for (size_t i = 0; fields[i] != NULL; i++) {
        putc('\t', r->out);
        put_field(r->out, fields[i]);
    }
    putc('\n', r->out);
}

void reader_end(reader *r, bool complete, const char *why)
{
    const bool all = complete && r->lines < READER_LINES_MAX;

    fputs(all ? "end\tcomplete\t" : "end\tpartial\t", r->out);
    put_field(r->out, complete && !all ? "too many lines" : why);
    putc('\n', r->out);
}

void reader_none(reader *r, const char *why)
{
    fputs("end\tnone\t", r->out);
    put_field(r->out, why);
    putc('\n', r->out);
}

const char *reader_number(uint64_t n, char out[24])
{
    snprintf(out, 24, "%" PRIu64, n);
    return out;
}
