# SPDX-License-Identifier: BSD-2-Clause
"""A group of covey-servers, each in a network namespace of its own, a client
that is a member, and somebody who listens: for request_secure.py. Needs
neither root nor a network."""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import namespace_kit as net
from request_group import CLIENT

COVEY = os.environ["COVEY"]
SERVER = os.environ["COVEY_SERVER"]
GROUP = "224.0.1.187"
SERVERS = (1, 2, 3)
ID = {1: "0a", 2: "0b", 3: "0c", CLIENT: "05"}
# Prints whatever goes over an interface, or all: source, and the UDP payload
# as hex.
LISTENER = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
if len(sys.argv) > 1:
    s.bind((sys.argv[1], 3))
print("ready", flush=True)
while True:
    p = s.recv(65535)
    if p[0] >> 4 == 4 and p[9] == 17:
        udp = p[(p[0] & 15) * 4:]
        print(socket.inet_ntoa(p[12:16]), udp[8:].hex(), flush=True)
    elif p[0] >> 4 == 6 and p[6] == 17:
        print(socket.inet_ntop(socket.AF_INET6, p[8:24]), p[48:].hex(),
              flush=True)
"""
# Sends what standard input has, a datagram a line, and waits for an answer.
SENDER = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.02)
for line in sys.stdin:
    s.sendto(bytes.fromhex(line), (sys.argv[1], 5683))
    try:
        s.recv(4096)
    except socket.timeout:
        pass
"""
MARK = b"the end of "
MARKER = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(bytes.fromhex(sys.argv[2]), (sys.argv[1], 9))
"""
RESOURCES = """
leisure: 0
resources:
- {path: /open, type: static, value: hello}
- {path: /n, type: counter, policy: group}
- {path: /role, type: static, value: x, policy: group, roles: requester}
- {path: /large, type: large, size: 3000, policy: group}
"""


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, check=True,
                          capture_output=True).stdout


def listen(test, path, host, *interface):
    """Writes what goes over the wire there into a file."""
    with open(path, "w", encoding="utf-8") as file:
        listener = net.inside(host, sys.executable, "-c", LISTENER, *interface,
                              stdout=file)
    test.addClassCleanup(listener.stderr.close)
    test.addClassCleanup(listener.wait)
    test.addClassCleanup(listener.kill)
    while "ready" not in path.read_text(encoding="ascii"):
        time.sleep(0.01)


def settle(path, host, address):
    """Until a listener at this address has written down all that has come from
    a host: a datagram of its own, to a port where nobody is, comes last."""
    mark = MARK + os.urandom(8)
    net.inside(host, sys.executable, "-c", MARKER, address,
               mark.hex()).communicate(timeout=60)
    until = time.monotonic() + 60
    while all(data != mark for _, data in heard(path)):
        assert time.monotonic() < until, "what was sent is not heard"
        time.sleep(0.01)


def heard(path):
    """What went over the wire: (source, datagram)."""
    whole, _, _ = path.read_text(encoding="ascii").rpartition("\n")
    lines = whole.splitlines()[1:]
    return [(source, bytes.fromhex(data))
            for source, data in (line.split() for line in lines)]


class Member:
    """Keys of its own; the credential is a CWT Claims Set."""

    def __init__(self, sender_id):
        key = openssl("genpkey", "-algorithm", "ed25519", "-outform", "DER")
        public = openssl("pkey", "-inform", "DER", "-pubout", "-outform",
                         "DER", data=key)[-32:]
        self.id = sender_id
        self.private = key[-32:].hex()
        self.credential = ("a108a101a4010103272006215820" + public.hex())

    def context(self, others, **more):
        return {"type": "group", "gid": "dd11", "curve": "Ed25519",
                "group_encryption": "AES-CCM-16-64-128",
                "signature": "EdDSA", "aead": "AES-CCM-16-64-128",
                "pairwise_agreement": "ECDH-SS + HKDF-256",
                "master_secret": "0102030405060708090a0b0c0d0e0f10",
                "master_salt": "7bec83af88c60e01",
                "gm_credential": "a108a101a4010103272006215820860baf91d036e"
                                 "aa840d5133fcd7592baba5285022b1c37bf58f64a"
                                 "2356ae1593",
                "sender_id": self.id, "private_key": self.private,
                "credential": self.credential,
                "members": [{"id": o.id, "credential": o.credential,
                             "roles": ["requester", "responder"]}
                            for o in others], **more}


class World:
    def __init__(self, test):
        net.build_network((*SERVERS, CLIENT))
        folder = tempfile.TemporaryDirectory()
        test.addClassCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.members = {i: Member(ID[i]) for i in ID}
        self.servers = {}
        self.heard = self.folder / "heard"
        listen(test, self.heard, CLIENT, f"v{CLIENT}")
        self.write(CLIENT)

    def write(self, i, **more):
        others = [m for n, m in self.members.items() if n != i]
        path = self.folder / f"{i}.json"
        path.write_text(json.dumps(self.members[i].context(others, **more)),
                        encoding="ascii")
        path.chmod(0o600)

    def start(self, i, config="", **more):
        """With what it had stored, if it ran before."""
        self.write(i, **more)
        path = self.folder / f"{i}.yaml"
        path.write_text(
            "listen: [0.0.0.0]\n"
            f"groups: [{{address: {GROUP}, interface: v{i}}}]\n"
            f"contexts: [{{file: {i}.json{config}}}]\nstore: {i}.store\n"
            + RESOURCES, encoding="ascii")
        server = net.inside(i, SERVER, "--config", str(path))
        self.servers[i] = server
        for line in server.stderr:
            if b" daemon.ready " in line:
                return
        raise RuntimeError(f"server {i} does not start")

    def stop(self, i, how):
        server = self.servers.pop(i)
        server.send_signal(how)
        server.wait()
        server.stderr.close()

    def command(self, *args):
        return (COVEY, args[0], "--json", "--context",
                str(self.folder / f"{CLIENT}.json"), "--state",
                str(self.folder / "client.state"), *args[1:])

    def covey(self, *args):
        """Exit code, answers, standard error."""
        client = net.inside(CLIENT, *self.command(*args),
                            stdout=subprocess.PIPE)
        out, err = client.communicate(timeout=60)
        return (client.returncode, [json.loads(a) for a in out.splitlines()],
                err.decode())

    def ask_all(self, *args):
        """{Sender ID: answer} of those that answer within 1 s; exit code."""
        status, answers, _ = self.covey(args[0], "--collect", "1", *args[1:-1],
                                        f"coap://{GROUP}/{args[-1]}")
        found = {a["sender"]: a for a in answers}
        assert len(found) == len(answers), answers
        return found, status

    def wire(self):
        return heard(self.heard)

    def send(self, to, datagrams):
        sender = net.inside(CLIENT, sys.executable, "-c", SENDER, to,
                            stdin=subprocess.PIPE)
        sender.communicate("\n".join(d.hex() for d in datagrams).encode(),
                           timeout=60)


def text_of(answer):
    """The payload, which is text."""
    return answer["payload"]["text"]
