#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""audit_fake.py ADDRESS MANNER: a CoAP server that does one thing wrong, which
no program of Debian 12 does and no option makes it do: why is said where it
serves. It answers pings."""
import socket
import sys
import time

from server_kit import ACK, CON, NON, RST, message, option

ECHO, OBSERVE, OSCORE = 252, 6, 9
CONTENT, UNAUTHORIZED, BAD_OPTION = 0x45, 0x81, 0x82
LINKS = {
    "plain": b'</a>;rt="x"',
    "bypass": b'</door>;osc,</a>',
    "observe-slow": b'</t>;obs',
    # what a terminal or a browser would obey
    "hostile": b'</\x1b[31m<script>alert(1)</script>>;rt="\x1b]0;x\x07",'
               b'</a"b>;obs;osc;title="</x>,\\"",<no end',
    # links of that kind, and what is found about them
    "hostile-links": b'</door>;osc,</t>;obs,'
                     b'</[x](javascript:1)|*b*`c`"&\'www.x>;rt="core.bs"',
}


class Fake:
    def __init__(self, address, manner):
        self.manner = manner
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 5683))
        self.mid = 7

    def elsewhere(self, request, peer):
        """The right answer, from a port that nobody has asked."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((self.socket.getsockname()[0], 5700))
            token = request[4:4 + (request[0] & 15)]
            other.sendto(message(CONTENT, (), NON, 9, token, b"</a>"), peer)

    def answer(self, request, peer, code, options=(), payload=b"", kind=NON):
        self.mid += 1
        token = request[4:4 + (request[0] & 15)]
        self.socket.sendto(message(code, options, kind, self.mid, token,
                                   payload), peer)

    def echo(self, request, peer):
        given = option(request, ECHO)
        if given is not None:
            self.answer(request, peer, CONTENT, payload=LINKS["plain"])
            return
        value = b"same" if self.manner == "echo-shared" else \
            str(peer[1]).encode()
        if self.manner == "echo-separate":
            self.socket.sendto(bytes([0x60, 0]) + request[2:4], peer)
        self.answer(request, peer, UNAUTHORIZED, [(ECHO, value)])

    def observe(self, request, peer):
        self.answer(request, peer, CONTENT, [(OBSERVE, b"\x01")], b"1")

    def endless(self, request, peer):
        block = option(request, 23) or b"\x00"
        number = int.from_bytes(block, "big") >> 4
        value = (number << 4 | 0x08 | 2).to_bytes(3, "big")
        self.answer(request, peer, CONTENT, [(23, value)],
                    b"</" + b"a" * 61 + b">")

    def get(self, request, peer):
        manner = self.manner
        if option(request, OSCORE) is not None:
            if manner == "oscore-tells":
                self.answer(request, peer, UNAUTHORIZED,
                            payload=b"no such kid")
            else:
                self.answer(request, peer, BAD_OPTION)
        elif manner.startswith("echo"):
            self.echo(request, peer)
        elif manner == "observe-slow" and \
                option(request, OBSERVE) is not None:
            self.observe(request, peer)
        elif manner == "elsewhere":
            self.elsewhere(request, peer)
        elif manner == "endless":
            self.endless(request, peer)
        elif manner == "huge":
            self.answer(request, peer, CONTENT, payload=b"x" * 60000)
        elif manner == "wrong-tokens":
            for n in range(100):
                self.socket.sendto(message(CONTENT, (), NON, n, b"wrong",
                                           b"</a>"), peer)
        elif manner == "garbage":
            for n in range(60):
                self.socket.sendto(bytes([0x40 | n, 0xff, n] * n), peer)
        else:
            self.answer(request, peer, CONTENT,
                        payload=LINKS.get(manner, LINKS["plain"]))

    def serve(self):
        print("ready", flush=True)
        while True:
            request, peer = self.socket.recvfrom(2048)
            if request[1] == 0 and request[0] >> 4 & 3 == CON:
                self.socket.sendto(bytes([0x40 | RST << 4, 0]) +
                                   request[2:4], peer)
            elif request[1] == 1:
                if self.manner == "falls-silent":
                    time.sleep(3600)
                self.get(request, peer)


if __name__ == "__main__":
    assert ACK == 2
    Fake(*sys.argv[1:]).serve()
