# SPDX-License-Identifier: BSD-2-Clause
"""Ports for servers that cannot choose one by themselves, and for nobody. They
are not among those that the system gives out, so that no other program gets
one of them before a test has used it, or while its server is away."""
import contextlib
import errno
import random
import socket

FIRST = 10000
CHANCE = random.SystemRandom()
GIVEN = set()


def last():
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/sys/net/ipv4/ip_local_port_range",
                  encoding="ascii") as file:
            lowest = int(file.read().split()[0])
        if lowest > FIRST + 1000:
            return lowest - 1
    return 32767


def is_free(port):
    for family, everywhere in ((socket.AF_INET, ""), (socket.AF_INET6, "::")):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            try:
                with socket.socket(family, kind) as s:
                    if family == socket.AF_INET6:
                        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY,
                                     1)
                    s.bind((everywhere, port))
            except OSError as error:  # a host may have no IPv6
                if error.errno == errno.EADDRINUSE:
                    return False
    return True


def free(count=1):
    """The first of so many that follow each other."""
    for _ in range(1000):
        port = CHANCE.randrange(FIRST, last() + 1 - count)
        wanted = range(port, port + count)
        if GIVEN.isdisjoint(wanted) and all(map(is_free, wanted)):
            GIVEN.update(wanted)
            return port
    raise RuntimeError("no port is free")
