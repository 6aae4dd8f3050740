# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of covey get and its kin share: the program, a peer that
answers as a test wants it, and libcoap's server."""
import os
import shutil
import socket
import subprocess
import threading
import time

import coap_compose as compose
import ports

COVEY = os.environ["COVEY"]
# Nobody is waited for who would know names.
os.environ["RES_OPTIONS"] = "timeout:1 attempts:1"
CON, NON, ACK, RST = range(4)
GET, POST, PUT, DELETE, FETCH, PATCH, IPATCH = range(1, 8)
OBSERVE, PATH, FORMAT, MAX_AGE, QUERY, ACCEPT = 6, 11, 12, 14, 15, 17
ETAG, LOCATION_PATH, BLOCK2, BLOCK1, SIZE1 = 4, 8, 23, 27, 60
ECHO = 252


def code(dotted):
    return int(dotted[0]) << 5 | int(dotted[2:])


def run(*args, stdin=None, timeout=120):
    """Exit code, standard output as bytes, standard error as text."""
    got = subprocess.run([COVEY, *args], input=stdin, check=False,
                         timeout=timeout, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    return got.returncode, got.stdout, got.stderr.decode()


def start(*args):
    return subprocess.Popen([COVEY, *args], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def extended(nibble, data):
    if nibble == 13:
        return 13 + data[0], data[1:]
    if nibble == 14:
        return 269 + int.from_bytes(data[:2], "big"), data[2:]
    return nibble, data


class Message:
    """A datagram taken apart, RFC 7252 Section 3."""

    def __init__(self, data):
        self.bytes = data
        self.type = data[0] >> 4 & 3
        self.code = data[1]
        self.mid = int.from_bytes(data[2:4], "big")
        length = data[0] & 15
        self.token = data[4:4 + length]
        data = data[4 + length:]
        self.options = []
        self.payload = b""
        number = 0
        while data:
            if data[0] == 0xff:
                self.payload = data[1:]
                break
            delta, size, data = data[0] >> 4, data[0] & 15, data[1:]
            delta, data = extended(delta, data)
            size, data = extended(size, data)
            number += delta
            self.options.append((number, data[:size]))
            data = data[size:]

    def all(self, number):
        return [v for n, v in self.options if n == number]

    def uint(self, number):
        found = self.all(number)
        return int.from_bytes(found[0], "big") if found else None

    def block(self, number):
        value = self.uint(number)
        return None if value is None else (value >> 4, value >> 3 & 1,
                                           value & 7)


def uint(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def ordered(options):
    """By number; those of the same number stay as they are."""
    return sorted(options, key=lambda option: option[0])


def block(num, more, szx):
    return uint(num << 4 | more << 3 | szx)


class Peer:
    """A server on a port of its own. `answer(peer, message)` is called for
    each datagram, and sends what it likes with peer.send."""

    def __init__(self, test, answer, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        self.uri = f"coap://{shown}:{self.port}"
        self.received = []
        self.client = None
        self.mid = 0x5000
        self.answer = answer
        self.sent = 0
        self.answered = set()
        self.ending = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        test.addCleanup(self.end)

    def serve(self):
        while not self.ending:
            try:
                data, self.client = self.socket.recvfrom(65535)
            except socket.timeout:
                continue
            if self.ending:
                break
            # Sent again since this machine is slow: the answer is there by
            # now. Only what was met with silence is told to the test again.
            if (self.client, data) in self.answered:
                continue
            message, before = Message(data), self.sent
            self.received.append(message)
            self.answer(self, message)
            if self.sent > before:
                self.answered.add((self.client, data))

    def requests(self):
        return [m for m in self.received if 0 < m.code < 32]

    def send(self, data):
        self.sent += 1
        self.socket.sendto(data, self.client)

    def reply(self, request, dotted, options=(), payload=b""):
        """In the acknowledgement, if there is one."""
        type_ = ACK if request.type == CON else NON
        mid = request.mid if type_ == ACK else self.next_mid()
        self.send(compose.datagram(type_, code(dotted), mid, request.token,
                                   ordered(options), payload))

    def separate(self, request, dotted, options=(), payload=b"", type_=CON):
        self.send(compose.datagram(type_, code(dotted), self.next_mid(),
                                   request.token, ordered(options), payload))

    def empty(self, request, type_):
        self.send(compose.datagram(type_, 0, request.mid, b"", [], b""))

    def next_mid(self):
        self.mid += 1
        return self.mid

    def end(self):
        self.ending = True
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


def await_pong(uri, process):
    """Until the server answers; the end of this test if it does not."""
    until = time.monotonic() + 60
    while run("ping", "--timeout", "1", uri)[0] != 0:
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            process.wait()
            raise RuntimeError(f"{process.args[0]} does not answer")
        time.sleep(0.05)


class Libcoap:
    """Debian's coap-server-notls."""
    PROGRAM = shutil.which("coap-server-notls")

    def __init__(self, host, *args, scheme="coap"):
        self.port = ports.free()
        shown = f"[{host}]" if ":" in host else host
        self.uri = f"{scheme}://{shown}:{self.port}"
        self.process = subprocess.Popen(
            [self.PROGRAM, "-A", host, "-p", str(self.port), *args],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_pong(self.uri, self.process)

    def end(self):
        self.process.terminate()
        self.process.wait()
