# SPDX-License-Identifier: BSD-2-Clause
"""A covey-proxy, servers of a group on loopback that answer from addresses of
their own, and clients."""
import os
import re
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

import ports
import server_kit as kit

GROUP = "224.0.1.187"
PROXY_URI, PROXY_SCHEME, TIMEOUT, REPLY_FROM = 35, 39, 2, 248
SIGNALING, FORWARDING = 65002, 65004
PROGRAM = ""  # the test's to set
HEAD = "listen: ['127.0.0.1:0', '[::1]:0']\ninsecure: true\n"

CONFIG = """clients:
- from: 127.0.0.1
  groups: [{address: '224.0.1.187:%d', interface: lo}]
  servers: [127.0.0.0/8, '::1']
limits: {requests_per_group: 8, collect: 60, answers: 16, rate: 0, check: 1}
"""


class Proxy:
    """`head` says where it listens; `folder` is where its files are."""

    def __init__(self, program, text, before=None, head=HEAD, folder=None):
        self.own = None if folder else tempfile.TemporaryDirectory()
        path = os.path.join(folder or self.own.name, "proxy.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(head + text)
        self.process = subprocess.Popen([program, "--config", path],
                                        stderr=subprocess.PIPE, text=True,
                                        preexec_fn=before)
        self.ports = []
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            found = re.search(r" proxy\.listen what=\S+:(\d+)$", line)
            if found:
                self.ports.append(int(found.group(1)))
            if " daemon.ready " in line:
                self.said = "".join(lines)
                return
        raise RuntimeError(f"no proxy: {lines}")

    def client(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        s.connect(("127.0.0.1", self.ports[0]))
        s.settimeout(60)
        return s

    def metrics(self):
        with self.client() as c:
            c.send(kit.message(1, kit.path("metrics")))
            lines = c.recv(4096).split(b"\xff", 1)[1].decode().split("\n")
        return {k: int(v) for k, v in (x.split() for x in lines if x)}

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        _, said = self.process.communicate(timeout=60)
        if self.own:
            self.own.cleanup()
        return self.process.returncode, said


class Servers:
    """They hear the group on one socket and answer from 127.0.0.2 and on."""

    def __init__(self, count, port=0):
        self.group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.group.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.port = port or ports.free()
        self.group.bind((GROUP, self.port))
        self.group.setsockopt(
            socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
            struct.pack("4sii", socket.inet_aton(GROUP), 0,
                        socket.if_nametoindex("lo")))
        self.group.settimeout(60)
        self.own = []
        for i in range(count):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind((f"127.0.0.{i + 2}", self.port))
            s.settimeout(60)
            self.own.append(s)

    def uri(self, path=""):
        return f"coap://{GROUP}:{self.port}/{path}".encode()

    def hear(self):
        return self.group.recvfrom(4096)

    def hears_nothing(self, wait=0.2):
        return not select.select([self.group], [], [], wait)[0]

    def answer(self, which, request, to, code=0x45, options=(), payload=b"x",
               mid=None):
        token = request[4:4 + (request[0] & 15)]
        mid = 1000 + which if mid is None else mid
        self.own[which].sendto(
            kit.message(code, options, kit.NON, mid, token, payload), to)

    def close(self):
        for s in [self.group, *self.own]:
            s.close()


def read(datagram):
    """(type, code, token, {number: [values]}, payload)"""
    kind, code = datagram[0] >> 4 & 3, datagram[1]
    at = 4 + (datagram[0] & 15)
    token, options, number, payload = datagram[4:at], {}, 0, b""
    while at < len(datagram):
        if datagram[at] == 0xff:
            payload = datagram[at + 1:]
            break
        fields = [datagram[at] >> 4, datagram[at] & 15]
        at += 1
        for i, v in enumerate(fields):
            if v == 13:
                fields[i], at = datagram[at] + 13, at + 1
            elif v == 14:
                fields[i] = int.from_bytes(datagram[at:at + 2], "big") + 269
                at += 2
        number += fields[0]
        options.setdefault(number, []).append(datagram[at:at + fields[1]])
        at += fields[1]
    return kind, code, token, options, payload


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("did not happen")
        time.sleep(0.01)


def group(servers, timeout=b"\x14", path="a", options=(), seed=False, **more):
    number = SIGNALING if seed else TIMEOUT
    listed = sorted([(number, timeout), (PROXY_URI, servers.uri(path)),
                     *options])
    return kit.message(1, listed, **{"kind": kit.NON, **more})


class Base(unittest.TestCase):
    config = CONFIG
    head = HEAD

    def setUp(self):
        self.servers = Servers(5)
        text = self.config
        if "%d" in text:
            text %= self.servers.port
        self.proxy = Proxy(PROGRAM, text, head=self.head)
        self.client = self.proxy.client()

    def tearDown(self):
        self.client.close()
        self.servers.close()
        status, said = self.proxy.stop()
        self.assertEqual((0, ""), (status, "".join(
            x for x in said.splitlines() if "error" in x)))

    def ask(self, request, client=None):
        client = client or self.client
        client.send(request)
        return read(client.recv(4096))

    def refused(self, code, request):
        kind, got, token, options, payload = self.ask(request)
        self.assertEqual(code, f"{got >> 5}.{got & 31:02d}", payload)
        self.assertTrue(self.servers.hears_nothing(0.05))
        return options, payload
