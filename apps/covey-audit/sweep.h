/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by sweep.c and sweep_tcp.c. */
#ifndef COVEY_AUDIT_SWEEP_H
#define COVEY_AUDIT_SWEEP_H

#include "run.h"

/* Sockets of all scans of a family. */
struct sweep {
    int udp;
    int deaf; /* takes late segments */
    covey_address udp_local;
    covey_address tcp_local;
};

/* Errors of ICMP come with their type, their code and who says so. */
bool sweep_errors(int fd, uint8_t family);
/* The next error of the socket, if it is about a packet of this act. */
enum sweep_state sweep_error(const broker *b, int fd);
void sweep_tcp(broker *b, struct sweep *s);

#endif
