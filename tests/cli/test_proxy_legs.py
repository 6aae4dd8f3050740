# SPDX-License-Identifier: BSD-2-Clause
"""What carries messages to and from covey-proxy besides datagrams of UDP:
connections, DTLS, and thin links with rules of their own for each hop."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest

import proxy_kit as p
import server_kit as kit
from tcp_kit import CSM, Connection, frame

PROGRAM, COVEY = sys.argv[1:3]
del sys.argv[1:3]
os.environ["COVEY"] = COVEY
import its_kit  # noqa: E402
from request_dtls import Folder  # noqa: E402
CLIENT = """clients:
- from: 127.0.0.1
  groups: [{address: '224.0.1.187:%d', interface: lo}]
  servers: [127.0.0.0/8]
limits: {requests_per_group: 8, rate: 0}
"""


class Base(unittest.TestCase):
    head = p.HEAD

    def setUp(self):
        self.servers = p.Servers(5)
        self.addCleanup(self.servers.close)
        self.start()

    def start(self):
        self.proxy = p.Proxy(PROGRAM, CLIENT % self.servers.port,
                             head=self.head)
        self.addCleanup(self.stop)
        self.said = None

    def stop(self):
        if self.said is None:
            status, self.said = self.proxy.stop()
            self.assertEqual(0, status, self.said)
        return self.said


class Tcp(Base):
    head = p.HEAD + "tcp: ['127.0.0.1:0']\n"

    def connect(self):
        return Connection(self.proxy.ports[2], [(2, b"\x02\0\0"), (4, b"")])

    def group(self, token, path="a"):
        return frame(1, [(p.TIMEOUT, b"\x14"),
                         (p.PROXY_URI, self.servers.uri(path))], token)

    def test_every_answer_over_one_connection(self):
        """REQ-P-08, REQ-P-15, REQ-P-25."""
        with self.connect() as c, self.connect() as other:
            asked = []
            for at, (k, path) in enumerate([(c, "a"), (c, "b"),
                                            (other, "c")]):
                k.send(self.group(b"x" if at != 1 else b"y", path))
                asked.append(self.servers.hear())
                self.assertEqual([path.encode()],
                                 p.read(asked[-1][0])[3][11])
            for i in range(5):
                for n, one in enumerate(asked):
                    self.servers.answer(i, *one, mid=i * 8 + n,
                                        payload=b"%d" % n)
            heard = [p.read(c.read()) for _ in range(10)]
            self.assertEqual({b"x": {b"0"}, b"y": {b"1"}}, {
                t: {m[4] for m in heard if m[2] == t} for t in (b"x", b"y")})
            self.assertEqual(5, len({m[3][p.REPLY_FROM][0] for m in heard}))
            self.assertEqual([b"2"] * 5, [p.read(other.read())[4]
                                          for _ in range(5)])

    def test_what_a_connection_asked_ends_with_it(self):
        """REQ-P-29."""
        with self.connect() as c:
            c.send(self.group(b"x") + self.group(b"y"))
            asked = [self.servers.hear() for _ in range(2)]
            self.servers.answer(0, *asked[0])
            self.assertEqual(0x45, c.read()[1])
        p.wait_until(lambda: self.proxy.metrics()["stopped"] == 2)
        for n, one in enumerate(asked):
            self.servers.answer(1, *one, mid=n)
        p.wait_until(lambda: self.proxy.metrics()["unwanted"] == 2)

    def test_blocks_of_streams_become_those_of_datagrams(self):
        server = self.servers.own[0]
        to = (p.PROXY_URI, f"coap://127.0.0.2:{self.servers.port}/".encode())
        with self.connect() as c:
            c.send(frame(1, [(23, b"\x17"), to], b"t"))  # BERT, block 1
            request, proxy = server.recvfrom(4096)
            self.assertEqual([b"\x16"], p.read(request)[3][23])
            token = request[4:4 + (request[0] & 15)]
            server.sendto(kit.message(0x45, [(23, b"\x16")], kit.NON, 5, token,
                                      b"x" * 1024), proxy)
            self.assertEqual(1024, len(p.read(c.read())[4]))
            got = p.read(c.ask(3, [(27, b"\x0f"), to], b"u", b"x" * 2048))
            self.assertEqual(0x8d, got[1])
            got = p.read(c.ask(3, [to], b"v", b"x" * 5000))
            self.assertEqual(0x8d, got[1])

    def test_signals_are_answered(self):
        with self.connect() as c:
            self.assertEqual(CSM, c.csm[1])
            self.assertEqual((0xe3, b"ping"), (lambda m: (m[1], m[4:]))(
                c.ask(0xe2, token=b"ping")))


class Dtls(Base):
    """The client is covey get."""

    def setUp(self):
        self.files = Folder()
        self.addCleanup(self.files.own.cleanup)
        self.servers = p.Servers(5)
        self.addCleanup(self.servers.close)
        group = f"[{{address: '224.0.1.187:{self.servers.port}', "
        group += "interface: lo}]"
        self.proxy = p.Proxy(PROGRAM, f"""
dtls:
- address: '127.0.0.1:0'
  keys: [{{identity: switch, file: psk}}, {{identity: lamp, file: wrong}}]
  certificate: server.pem
  private_key: server.key
  ca: ca.pem
  clients: must-show
clients:
- {{peer: 'psk:switch', groups: {group}}}
- {{peer: 'subject:CN=client', groups: {group}, servers: [127.0.0.0/8]}}
- {{peer: 'psk:lamp'}}
""", head="", folder=self.files.own.name)
        self.said = None
        self.addCleanup(self.stop)

    def start_get(self, *args):
        at = [a if a.startswith("-") or a in ("switch", "lamp", "nobody")
              else self.files.at(a) for a in args]
        return subprocess.Popen(
            [COVEY, "get", "--proxy",
             f"coaps://127.0.0.1:{self.proxy.ports[0]}", "--collect", "1",
             "--margin", "1",
             "--json", *at, self.servers.uri("a").decode()],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def collects(self, *args):
        """All five answers, with their origins."""
        client = self.start_get(*args)
        request, proxy = self.servers.hear()
        for i in range(5):
            self.servers.answer(i, request, proxy, mid=self.servers.mid + i)
        self.servers.mid += 5
        said, error = client.communicate(timeout=60)
        self.assertEqual(5, len(set(re.findall(r"127\.0\.0\.[2-6]", said))),
                         said + error)

    def refused(self, *args):
        client = self.start_get(*args)
        said, error = client.communicate(timeout=60)
        self.assertNotEqual(0, client.returncode, said)
        self.assertTrue(self.servers.hears_nothing(0.05))
        return said + error

    def test_who_it_is_decides(self):
        """REQ-P-01, REQ-P-02, by key and by certificate."""
        self.servers.mid = 1
        self.collects("--psk-identity", "switch", "--psk-file", "psk")
        self.collects("--ca", "ca.pem", "--cert", "client.pem", "--key",
                      "client.key")
        self.assertIn("4.01", self.refused(
            "--psk-identity", "lamp", "--psk-file", "wrong"))

    def test_what_is_no_session_is_dropped(self):
        with self.proxy.client() as c:
            for datagram in (b"", b"\x16\xfe\xfd" + bytes(20),
                             kit.message(1, kit.path("metrics"))):
                c.send(datagram)
            c.settimeout(0.3)
            self.assertRaises(TimeoutError, c.recv, 1)


class Tls(Base):
    """Certificates of ITS decide which groups may be asked (REQ-P-01,
    REQ-P-02); the client is covey get."""

    def setUp(self):
        self.files = tempfile.TemporaryDirectory()
        self.addCleanup(self.files.cleanup)
        folder = self.files.name
        its_kit.pki(folder)
        known = its_kit.its(folder, "id", "rsu.oer").split()[0]
        self.servers = p.Servers(5)
        self.addCleanup(self.servers.close)
        group = f"[{{address: '224.0.1.187:{self.servers.port}', "
        group += "interface: lo}]"
        self.proxy = p.Proxy(PROGRAM, f"""
tls:
- address: '127.0.0.1:0'
  identities: [{{type: 1609dot2, cert: car.oer, key: car.key,
                 chain: [aa.oer], psid: 36}}]
  peers: [1609dot2]
  require: true
  trust: root.oer
  policy: policy.yaml
clients:
- {{its: [{{psid: 623}}, {{psid: 36, id: {known}}}], groups: {group}}}
""", head="", folder=self.policy(folder))
        self.said = None
        self.addCleanup(self.stop)

    @staticmethod
    def policy(folder):
        with open(os.path.join(folder, "policy.yaml"), "w",
                  encoding="ascii") as f:
            f.write("permissions: [ { psid: 36 }, { psid: 623 } ]\n")
        return folder

    def start_get(self, name, psid):
        return subprocess.Popen(
            [COVEY, "get", "--proxy",
             f"coaps+tcp://127.0.0.1:{self.proxy.ports[0]}", "--collect", "1",
             "--margin", "1", "--json", "--cert-type", "1609dot2", "--cert",
             f"{name}.oer", "--key", f"{name}.key", "--chain", "aa.oer",
             "--psid", str(psid), "--trust", "root.oer", "--policy",
             "policy.yaml", self.servers.uri("a").decode()],
            cwd=self.files.name, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def test_certificates_decide_about_groups(self):
        self.servers.mid = 1
        for psid in (623, 36):
            client = self.start_get("rsu", psid)
            request, proxy = self.servers.hear()
            for i in range(5):
                self.servers.answer(i, request, proxy,
                                    mid=self.servers.mid + i)
            self.servers.mid += 5
            said, error = client.communicate(timeout=60)
            self.assertEqual(5, len(set(re.findall(r"127\.0\.0\.[2-6]",
                                                   said))), said + error)
        client = self.start_get("car", 36)
        said, error = client.communicate(timeout=60)
        self.assertNotEqual(0, client.returncode, said)
        self.assertIn("4.01", said + error)
        self.assertTrue(self.servers.hears_nothing(0.05))


# --- thin links -----------------------------------------------------------

def field(name, length, targets=(), way="bidirectional"):
    """Sent as it is without target, by index with several, else not at
    all."""
    operator, action = {0: ("mo-ignore", "cda-value-sent"),
                        1: ("mo-equal", "cda-not-sent")}.get(
        len(targets), ("mo-match-mapping", "cda-mapping-sent"))
    entry = {"field-id": name, "field-length": length, "field-position": 1,
             "direction-indicator": f"di-{way}",
             "matching-operator": operator, "comp-decomp-action": action}
    if targets:
        entry["target-value"] = [{"index": i, "value": t.hex()}
                                 for i, t in enumerate(targets)]
    return entry


def rule(number, code, *options):
    """The header, whose type is that of Non-confirmable messages."""
    head = [field("fid-coap-version", 2, [b"\x01"]),
            field("fid-coap-type", 2, [b"\x01"]),
            field("fid-coap-tkl", 4), field("fid-coap-code", 8, [code]),
            field("fid-coap-mid", 16),
            field("fid-coap-token", "fl-token-length")]
    return {"rule-id-value": number, "rule-id-length": 2,
            "rule-nature": "nature-compression", "entry": head +
            [field(name, "fl-variable", targets)
             for name, targets in options]}


def rules(*compression):
    whole = {"rule-id-value": 3, "rule-id-length": 2,
             "rule-nature": "nature-no-compression"}
    return json.dumps({
        "covey:stack": "coap", "ietf-schc:schc": {
            "rule": [*compression, whole]}})


class Thin(Base):
    """The client is the device of one link, the servers of the other."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        near, far = self.path("near.json"), self.path("far.json")
        self.head = p.HEAD + (
            f"schc: [{{address: '127.0.0.1:0', rules: {near}, sends: down}}]\n"
            f"onward: {{rules: {far}, sends: down, token_length: 2, "
            "message_ids: 0-255}\n")
        self.servers = p.Servers(5)  # whose port is in the rules
        self.addCleanup(self.servers.close)
        uri = self.servers.uri("a")
        self.write(near, rules(
            rule(0, b"\x01", ("coap-option(2)", [b"\x14"]),
                 ("fid-coap-option-proxy-uri", [uri])),
            rule(1, b"\x45", ("coap-option(248)", ()))))
        self.write(far, rules(
            rule(0, b"\x01", ("fid-coap-option-uri-path", [b"a"]),
                 ("fid-coap-option-hop-limit", ())),
            rule(1, b"\x45")))
        self.uri = uri
        self.sums = {}
        self.start()
        self.client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client.connect(("127.0.0.1", self.proxy.ports[2]))
        self.client.settimeout(60)
        self.addCleanup(self.client.close)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def schc(self, verb, link, way, data):
        """And how many bytes there were before and after."""
        out = bytes.fromhex(subprocess.run(
            [COVEY, "schc", verb, "--rules", self.path(f"{link}.json"),
             "--direction", way, data.hex()], capture_output=True, text=True,
            check=True, timeout=60).stdout.strip())
        message, packet = (data, out) if verb == "compress" else (out, data)
        sums = self.sums.setdefault((link, way), [0, 0, 0])
        for i, n in enumerate((1, len(packet), len(message))):
            sums[i] += n
        return out

    def exchange(self, request, answers):
        """What the servers hear and what the client gets, as messages."""
        packet = self.schc("compress", "near", "up", request)
        self.client.send(packet)
        heard, proxy = self.servers.hear()
        forwarded = self.schc("decompress", "far", "down", heard)
        got = []
        token = forwarded[4:4 + (forwarded[0] & 15)]
        for i, (code, options, payload) in enumerate(answers):
            self.servers.own[i].sendto(self.schc("compress", "far", "up",
                                                 kit.message(
                code, options, kit.NON, 70 + i, token, payload)), proxy)
            got.append(self.schc("decompress", "near", "down",
                                 self.client.recv(999)))
        return packet, heard, forwarded, got

    def test_each_hop_has_its_own_rules(self):
        """REQ-SCHC-01: the same messages as without, and fewer bytes."""
        request = kit.message(1, [(2, b"\x14"), (p.PROXY_URI, self.uri)],
                              kit.NON, 0x1234, b"tok")
        packet, heard, forwarded, got = self.exchange(
            request, [(0x45, (), b"one"), (0x45, (), b"two")])
        # Rule, TKL, Message ID and token; the URI and T' are the rule's.
        self.assertEqual(6, len(packet))
        _, code, token, options, _ = p.read(forwarded)
        self.assertEqual((1, 2, {11: [b"a"], 16: [b"\x10"]}),
                         (code, len(token), options))
        self.assertEqual(0, forwarded[2])  # Message IDs of the range
        self.assertEqual(7, len(heard))
        for i, message in enumerate(got):
            kind, code, token, options, payload = p.read(message)
            self.assertEqual((kit.NON, 0x45, b"tok"), (kind, code, token))
            self.assertEqual([p.REPLY_FROM], list(options))
            self.assertEqual((b"one", b"two")[i], payload)
        # What is protected end to end fits no rule here and goes whole, byte
        # for byte: inner compression stays what it was.
        value = b"\x39\x01\x02gidk"
        _, _, forwarded, got = self.exchange(kit.message(
            2, [(9, value), (p.PROXY_URI, self.uri), (p.SIGNALING, b"\x14")],
            kit.NON, 0x1235, b"enc", b"\x01\xffcipher"),
            [(0x44, [(9, b"")], b"\x00sealed")])
        self.assertEqual((2, [value], b"\x01\xffcipher"), tuple(
            p.read(forwarded)[i] if i != 3 else p.read(forwarded)[3][9]
            for i in (1, 3, 4)))
        self.assertEqual((0x44, [b""], b"\x00sealed"), tuple(
            p.read(got[0])[i] if i != 3 else p.read(got[0])[3][9]
            for i in (1, 3, 4)))
        self.check_counts()

    def check_counts(self):
        """The proxy counted what went over each link, both ways."""
        told = [tuple(map(int, x)) for x in re.findall(
            r"schc\.link sent=(\d+) sent_bytes=(\d+) of_bytes=(\d+) .* "
            r"received=(\d+) received_bytes=(\d+) became_bytes=(\d+)",
            self.stop())]
        for link in ("near", "far"):
            self.assertIn(tuple(self.sums[link, "down"] +
                                self.sums[link, "up"]), told)

    def test_what_is_no_packet_is_dropped(self):
        for packet in (b"", b"\x00", b"\x40", b"\xff"):
            self.client.send(packet)
        self.assertEqual(0, self.proxy.metrics()["refused"])


if __name__ == "__main__":
    unittest.main()
