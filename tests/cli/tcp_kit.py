# SPDX-License-Identifier: BSD-2-Clause
"""Connections of RFC 8323, as a client has them."""
import socket
import struct

import server_kit as kit

CSM, PING, PONG, RELEASE, ABORT = range(0xe1, 0xe6)


def frame(code, options=(), token=b"", payload=b""):
    """A message of RFC 8323 Section 3.2."""
    body = kit.message(code, options, token=b"", payload=payload)[4:]
    nibble, more = kit.extended(len(body)) if len(body) < 65805 else (
        15, struct.pack(">I", len(body) - 65805))
    return (bytes([nibble << 4 | len(token)]) + more + bytes([code]) + token +
            body)


class Connection:
    """One of a client, past its CSM."""

    def __init__(self, port, capabilities=()):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.csm = self.read()
        if capabilities is not None:
            self.send(frame(CSM, capabilities))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self):
        """As a datagram, so that the kit's functions read it; None: the
        end."""
        first = self.file.read(1)
        if not first:
            return None
        length, tkl = first[0] >> 4, first[0] & 15
        if length == 13:
            length = 13 + self.file.read(1)[0]
        elif length == 14:
            length = 269 + struct.unpack(">H", self.file.read(2))[0]
        elif length == 15:
            length = 65805 + struct.unpack(">I", self.file.read(4))[0]
        code = self.file.read(1)
        return (bytes([0x40 | tkl]) + code + b"\0\0" +
                self.file.read(tkl + length))

    def ask(self, *args, **kwargs):
        self.send(frame(*args, **kwargs))
        return self.read()
