/* SPDX-License-Identifier: BSD-2-Clause */
/* Capture files by libpcap, which reads pcap and pcapng alike. */
#include "capture.h"

#include <pcap/pcap.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct capture_file {
    pcap_t *pcap;
    int link_type;
    int64_t seconds; /* of the last frame */
    char link_name[80];
};

static void name_link(capture_file *file)
{
    const char *text = pcap_datalink_val_to_description(file->link_type);

    if (text != NULL) {
        snprintf(file->link_name, sizeof file->link_name, "%s", text);
    } else {
        snprintf(file->link_name, sizeof file->link_name, "link type %d",
                 file->link_type);
    }
}

/* libpcap's sentence, prefixed by the path unless it names it already. */
static void say(char error[CAPTURE_ERROR_MAX], const char *path,
                const char *text)
{
    if (strncmp(text, path, strlen(path)) == 0) {
        snprintf(error, CAPTURE_ERROR_MAX, "%s", text);
    } else {
        snprintf(error, CAPTURE_ERROR_MAX, "%s: %s", path, text);
    }
}

/* `text` is what libpcap says if it could not open it. */
static capture_file *begin(pcap_t *pcap, const char *path, const char *text,
                           char error[CAPTURE_ERROR_MAX])
{
    capture_file *file = pcap != NULL ? calloc(1, sizeof *file) : NULL;

    if (file == NULL) {
        say(error, path, pcap != NULL ? "out of memory" : text);
        if (pcap != NULL) {
            pcap_close(pcap);
        }
        return NULL;
    }
    file->pcap = pcap;
    file->link_type = pcap_datalink(file->pcap);
    name_link(file);
    if (!capture_knows_link(file->link_type)) {
        snprintf(error, CAPTURE_ERROR_MAX,
                 "%s: captured on %s; understood are Ethernet, raw IP, Linux "
                 "cooked and BSD loopback",
                 path, file->link_name);
        capture_close(file);
        return NULL;
    }
    return file;
}

capture_file *capture_open(const char *path, char error[CAPTURE_ERROR_MAX])
{
    char text[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_open_offline(path, text);

    return begin(pcap, path, text, error);
}

capture_file *capture_open_stream(FILE *stream, const char *name,
                                  char error[CAPTURE_ERROR_MAX])
{
    char text[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_fopen_offline(stream, text);

    if (pcap == NULL) {
        fclose(stream);
    }
    return begin(pcap, name, text, error);
}

void capture_close(capture_file *file)
{
    if (file != NULL) {
        pcap_close(file->pcap);
        free(file);
    }
}

int64_t capture_seconds(const capture_file *file)
{
    return file->seconds;
}

const char *capture_link_name(const capture_file *file)
{
    return file->link_name;
}

capture_next_result capture_next(capture_file *file, capture_datagram *out,
                                 capture_verdict *verdict,
                                 char error[CAPTURE_ERROR_MAX])
{
    struct pcap_pkthdr *header;
    const u_char *data;
    size_t wire_len;
    int got = pcap_next_ex(file->pcap, &header, &data);

    if (got == PCAP_ERROR_BREAK) {
        return CAPTURE_END;
    }
    if (got != 1) {
        snprintf(error, CAPTURE_ERROR_MAX, "%s", pcap_geterr(file->pcap));
        return CAPTURE_BROKEN;
    }
    file->seconds = (int64_t)header->ts.tv_sec;
    wire_len = header->len > header->caplen ? header->len : header->caplen;
    *verdict = capture_decode(
        file->link_type, covey_bytes_of(data, header->caplen), wire_len, out);
    return CAPTURE_FRAME;
}
