#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""audit_sniff.py INTERFACE...: a line of JSON for each IP packet that passes,
with the kernel's time: [seconds, source, destination, protocol, length, bytes
of the payload of UDP or TCP, flags of TCP or type of ICMP, interface]. A line
of standard input is answered with null once nothing has passed for a while.
Ends when standard input does."""
import json
import select
import socket
import struct
import sys
import time

SO_TIMESTAMPNS = 35
ETH_P_ALL = 3
QUIET = 0.03  # seconds
PATIENCE = 3


def describe(frame):
    kind = frame[12:14]
    if kind == b"\x08\x00":
        ip, at = frame[14:], (frame[14] & 15) * 4
        protocol, pair = ip[9], (ip[12:16], ip[16:20])
        length = int.from_bytes(ip[2:4], "big")
        names = [socket.inet_ntop(socket.AF_INET, a) for a in pair]
    elif kind == b"\x86\xdd":
        ip, at = frame[14:], 40
        protocol, pair = ip[6], (ip[8:24], ip[24:40])
        length = 40 + int.from_bytes(ip[4:6], "big")
        names = [socket.inet_ntop(socket.AF_INET6, a) for a in pair]
    else:
        return None
    payload, flags = length - at, 0
    if protocol == 17:
        payload -= 8
    elif protocol == 6:
        payload -= (ip[at + 12] >> 4) * 4
        flags = ip[at + 13]
    elif protocol in (1, 58):
        flags = ip[at]
    return [*names, protocol, length, payload, flags]


def listen(interface):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                      socket.htons(ETH_P_ALL))
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    s.bind((interface, 0))
    return s


def main():
    names = {listen(name): name for name in sys.argv[1:]}
    print("ready", flush=True)
    until = None  # that there is an answer to give
    while True:
        ready = select.select([*names, sys.stdin], [], [],
                              None if until is None else QUIET)[0]
        if until is not None and (not ready or time.monotonic() > until):
            print("null", flush=True)
            until = None
        for s in ready:
            if s is sys.stdin:
                continue
            frame, extra, _, _ = s.recvmsg(2048, 64)
            second, nano = struct.unpack("@qq", extra[0][2][:16])
            found = describe(frame)
            if found is not None:
                print(json.dumps([second + nano / 1e9, *found, names[s]]),
                      flush=True)
        if ready == [sys.stdin]:
            if not sys.stdin.readline():
                return
            until = time.monotonic() + PATIENCE


if __name__ == "__main__":
    main()
