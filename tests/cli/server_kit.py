# SPDX-License-Identifier: BSD-2-Clause
"""A covey-server on ports that are free, and datagrams to it."""
import contextlib
import itertools
import os
import re
import signal
import socket
import subprocess
import tempfile

CON, NON, ACK, RST = range(4)
MIDS = itertools.count(0x1000)
AGAIN = 5  # seconds
LISTEN = "listen: ['127.0.0.1:0', '[::1]:0']\n"
CONTEXT = ("type: oscore\nmaster_secret: 000102030405060708090a0b0c0d0e0f\n"
           "sender_id: 01\nrecipient_id: 02\n")


def write(folder, name, text):
    """A file that nobody else can read; its path."""
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600),
              "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Server:
    """Runs until stop(); ports[0] is that of 127.0.0.1, ports[1] of ::1."""

    def __init__(self, program, text, folder=None, more=()):
        self.own = None if folder else tempfile.TemporaryDirectory()
        self.folder = folder or self.own.name
        path = os.path.join(self.folder, "server.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(LISTEN + text)
        self.process = subprocess.Popen([program, "--config", path, *more],
                                        stderr=subprocess.PIPE, text=True)
        self.ports = []
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            found = re.search(r" server\.listen what=\S+:(\d+)$", line)
            if found:
                self.ports.append(int(found.group(1)))
            if " daemon.ready " in line:
                self.said = "".join(lines)
                return
        self.process.communicate()  # it has ended
        raise RuntimeError(f"no server: {lines}")

    def uri(self, path, family=4):
        host = "127.0.0.1" if family == 4 else "[::1]"
        return f"coap://{host}:{self.ports[family == 6]}/{path}"

    def workers(self):
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children",
                  encoding="ascii") as file:
            return [int(child) for child in file.read().split()]

    def kill_worker(self, worker):
        """Until there is another one; what was said meanwhile."""
        os.kill(worker, signal.SIGKILL)
        said = ""
        for line in self.process.stderr:
            said += line
            if " worker.again " in line:
                break
        return said

    def client(self):
        """A socket of its own port."""
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect(("127.0.0.1", self.ports[0]))
        s.settimeout(60)
        return s

    def ask(self, datagram, wait=60):
        """What comes back; None: nothing. As RFC 7252 Section 4.2 has it, what
        is Confirmable is sent again."""
        again = min(wait, AGAIN) if datagram[:1] and datagram[0] >> 4 == 4 \
            else wait
        with self.client() as s:
            s.settimeout(again)
            for _ in range(max(1, int(wait / again))):
                s.send(datagram)
                with contextlib.suppress(socket.timeout):
                    return s.recv(4096)
        return None

    def stop(self, how=signal.SIGTERM):
        """Its exit status and what it said last."""
        self.process.send_signal(how)
        _, said = self.process.communicate(timeout=60)
        if self.own:
            self.own.cleanup()
        return self.process.returncode, said


def extended(value):
    if value < 13:
        return value, b""
    if value < 269:
        return 13, bytes([value - 13])
    return 14, (value - 269).to_bytes(2, "big")


def message(code, options=(), kind=CON, mid=None, token=b"\x71",
            payload=b""):
    """Options are (number, value), in order. Each message has a Message ID of
    its own: the system may give a later socket the port of an earlier one."""
    out = bytes([0x40 | kind << 4 | len(token), code])
    out += (next(MIDS) if mid is None else mid).to_bytes(2, "big") + token
    before = 0
    for number, value in options:
        delta, more = extended(number - before)
        length, even_more = extended(len(value))
        out += bytes([delta << 4 | length]) + more + even_more + value
        before = number
    return out + (b"\xff" + payload if payload else b"")


def path(*segments):
    return [(11, s.encode()) for s in segments]


def code_of(datagram):
    """(type, "4.04"); ("none", "") for no datagram."""
    if datagram is None:
        return "none", ""
    kind = ("CON", "NON", "ACK", "RST")[datagram[0] >> 4 & 3]
    return kind, f"{datagram[1] >> 5}.{datagram[1] & 31:02d}"


def option(datagram, number):
    """The value of an option; None if it is not there."""
    at, before = 4 + (datagram[0] & 15), 0
    while at < len(datagram) and datagram[at] != 0xff:
        delta, length = datagram[at] >> 4, datagram[at] & 15
        at += 1
        if delta == 13:
            delta, at = 13 + datagram[at], at + 1
        if length == 13:
            length, at = 13 + datagram[at], at + 1
        before += delta
        if before == number:
            return datagram[at:at + length]
        at += length
    return None
