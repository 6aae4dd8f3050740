# SPDX-License-Identifier: BSD-2-Clause
"""covey-proxy and OSCORE between it and its clients (seed 003 Appendix A). The
client is covey oscore, message by message."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import group_kit as group
import ports
import proxy_kit as p
import server_kit as kit

PROGRAM, COVEY = sys.argv[1:3]
del sys.argv[1:3]
SECRET = "type: oscore\nmaster_secret: %s0102030405060708090a0b0c0d0e0f\n"
OSCORE, ECHO, OBSERVE = 9, 252, 6
CONFIG = """clients:
- context: ctx-a.yaml
  state: a.state
  ahead: 8
  groups: [{address: '224.0.1.187:%d', interface: lo}]
  servers: [127.0.0.0/8]
- context: ctx-b.yaml
  state: b.state
- from: 127.0.0.1
  groups: [{address: '224.0.1.187:%d', interface: lo}]
limits: {requests_per_group: 8, rate: 0}
"""


def partial_iv(datagram):
    """Of the OSCORE option, as bytes; None: it has none."""
    value = p.read(datagram)[3][OSCORE][0]
    return value[1:1 + (value[0] & 7)] if value and value[0] & 7 else None


class Party:
    """One end of a security context, and its numbers."""

    def __init__(self, test, name, salt):
        self.number = 0
        for who, ids in (("ctx", ("01", "02")), ("client", ("02", "01"))):
            with open(os.open(test.path(f"{who}-{name}.yaml"),
                              os.O_CREAT | os.O_WRONLY, 0o600), "w",
                      encoding="utf-8") as file:
                file.write(SECRET % salt + f"sender_id: {ids[0]}{salt}\n"
                           f"recipient_id: {ids[1]}{salt}\n")
        self.file = test.path(f"client-{name}.yaml")

    def run(self, verb, *args):
        got = subprocess.run([COVEY, "oscore", verb, *args], text=True,
                             capture_output=True, check=True, timeout=60)
        return bytes.fromhex(got.stdout.strip())

    def protect(self, plain):
        self.number += 1
        return self.run("protect", "--to-proxy", "--number",
                        str(self.number - 1), self.file, plain.hex())

    def open(self, request, answer):
        return p.read(self.run("unprotect", "--request", request.hex(),
                               self.file, answer.hex()))


class Base(unittest.TestCase):
    config = CONFIG

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.a, self.b = Party(self, "a", "0a"), Party(self, "b", "0b")
        self.servers = p.Servers(5)
        self.addCleanup(self.servers.close)
        self.nonces = []
        self.start()
        self.client = self.proxy.client()
        self.addCleanup(self.client.close)
        self.addCleanup(lambda: self.proxy.stop(signal.SIGKILL))

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self, port=0):
        text = self.config
        port = port or ports.free()
        head = f"listen: ['127.0.0.1:{port}']\ninsecure: true\n"
        if "%d" in text:
            text %= (self.servers.port, self.servers.port)
        self.proxy = p.Proxy(PROGRAM, text, head=head,
                             folder=self.folder.name)

    def group(self, options=(), path="a", **more):
        listed = sorted([(p.TIMEOUT, b"\x14"),
                         (p.PROXY_URI, self.servers.uri(path)), *options])
        return kit.message(1, listed, **{"kind": kit.NON, **more})

    def hear_back(self, request=None, party=None):
        """What comes, opened if the request is known."""
        answer = self.client.recv(4096)
        if OSCORE in p.read(answer)[3]:
            self.nonces.append((request, partial_iv(answer)))
        if request is None:
            return answer
        return (party or self.a).open(request, answer)

    def refused(self, code, plain, party=None):
        """In the layer that has been taken off (REQ-SEC-06)."""
        request = (party or self.a).protect(plain)
        self.client.send(request)
        got = self.hear_back(request, party)
        self.assertEqual(code, f"{got[1] >> 5}.{got[1] & 31:02d}", got[4])
        self.assertTrue(self.servers.hears_nothing(0.05))
        return got

    def audit(self):
        """No nonce is used twice under the proxy's key: that of a request
        serves once, every other answer has a number of its own."""
        used = [piv if piv is not None else request
                for request, piv in self.nonces]
        self.assertEqual(len(used), len(set(used)))
        return len(used)


class Answers(Base):
    def test_all_come_back_with_a_nonce_of_their_own(self):
        """REQ-SEC-02, REQ-SEC-06, REQ-P-08."""
        for n in range(4):
            request = self.a.protect(self.group(
                options=[(OBSERVE, b"")] if n == 3 else [],
                token=bytes([n]), mid=n))
            self.assertEqual([OSCORE] + [OBSERVE] * (n == 3),
                             sorted(p.read(request)[3], reverse=True))
            self.client.send(request)
            forwarded, proxy = self.servers.hear()
            options = p.read(forwarded)[3]
            self.assertEqual({11, 16} | ({OBSERVE} if n == 3 else set()),
                             set(options))
            answers = []
            for k in range(15):
                self.servers.answer(k % 5, forwarded, proxy, mid=n * 50 + k,
                                    options=[(OBSERVE, bytes([k + 1]))]
                                    if n == 3 else ())
                answers.append(self.hear_back())
                self.nonces[-1] = (request, self.nonces[-1][1])
            for answer in answers:
                kind, code, token, outer, _ = p.read(answer)
                self.assertEqual((kit.NON, bytes([n])), (kind, token))
                self.assertNotIn(p.REPLY_FROM, outer)
            origins = {self.a.open(request, x)[3][p.REPLY_FROM][0]
                       for x in answers[:5]}
            self.assertEqual(5, len(origins))
        plain = kit.message(1, [(11, b"metrics")], kit.CON, 99, b"m")
        for mid in b"abc":
            request = self.a.protect(plain[:3] + bytes([mid]) + plain[4:])
            self.client.send(request)
            self.assertIn(b"answers 60\n", self.hear_back(request)[4])
        self.assertEqual(63, self.audit())

    def test_end_to_end_protection_lies_inside(self):
        """REQ-SEC-05, with a layer for the proxy around."""
        value = b"\x39\x01\x02gidk"
        request = self.a.protect(kit.message(2, [
            (OSCORE, value), (p.PROXY_URI, self.servers.uri("")),
            (p.SIGNALING, b"\x14")], kit.NON, payload=b"cipher"))
        self.assertNotIn(b"cipher", request)
        self.client.send(request)
        forwarded, proxy = self.servers.hear()
        _, code, _, options, payload = p.read(forwarded)
        self.assertEqual((2, [value], b"cipher"),
                         (code, options[OSCORE], payload))
        self.servers.answer(0, forwarded, proxy, 0x44, [(OSCORE, b"\x08s")],
                            b"more")
        _, code, _, options, payload = self.hear_back(request)
        self.assertEqual((0x44, [b"\x08s"], b"more"),
                         (code, options[OSCORE], payload))
        self.assertEqual([b"coap://127.0.0.2"], options[p.FORWARDING])

    def test_the_name_and_port_are_hidden_too(self):
        """Proxy-Scheme with Uri-Host and Uri-Port, to one server."""
        server = self.servers.own[1]
        request = self.a.protect(kit.message(1, [
            (3, b"127.0.0.3"), (7, self.servers.port.to_bytes(2, "big")),
            (11, b"x"), (p.PROXY_SCHEME, b"coap")]))
        self.assertEqual([OSCORE], list(p.read(request)[3]))
        self.client.send(request)
        forwarded, proxy = server.recvfrom(4096)
        token = forwarded[4:4 + (forwarded[0] & 15)]
        server.sendto(bytes([0x60 | len(token), 0x45]) + forwarded[2:4] +
                      token + b"\xffyes", proxy)
        self.assertEqual(b"yes", self.hear_back(request)[4])


class Refusals(Base):
    def test_errors_are_protected(self):
        """REQ-SEC-04, REQ-SEC-06, REQ-P-02, REQ-P-03."""
        uri = (p.PROXY_URI, self.servers.uri("a"))
        ok = (p.TIMEOUT, b"\x05")
        options = self.refused("4.00", kit.message(1, [uri], mid=1))[3]
        self.assertEqual([b""], options[p.TIMEOUT])
        self.refused("4.01", kit.message(1, [
            ok, (p.PROXY_URI, b"coap://224.0.1.188/")], mid=2))
        self.refused("4.02", kit.message(1, [ok, uri, (9998, b"")], mid=3))
        self.refused("4.01", kit.message(2, [(OSCORE, b"\x09\x00k")], mid=4,
                                         payload=b"another layer"))
        self.refused("4.01", self.group(mid=5), self.b)  # another's rules

    def test_who_is_nobody(self):
        """REQ-P-01: a key of nobody, and a message that was changed."""
        stranger = Party(self, "c", "0c")
        self.client.send(stranger.protect(self.group()))
        self.assertEqual(0x81, p.read(self.client.recv(999))[1])
        request = self.a.protect(self.group(mid=7))
        self.client.send(request[:-1] + bytes([request[-1] ^ 1]))
        self.assertEqual(0x80, p.read(self.client.recv(999))[1])
        self.assertTrue(self.servers.hears_nothing())

    def test_a_replay_is_forwarded_once(self):
        """REQ-SEC-07."""
        request = self.a.protect(self.group(mid=1))
        self.client.send(request)
        self.servers.hear()
        for n in (2, 3):
            self.client.send(request[:3] + bytes([n]) + request[4:])
            got = p.read(self.client.recv(999))
            self.assertEqual((0x81, b"Replay detected"), (got[1], got[4]))
        with self.proxy.client() as other:  # from elsewhere
            other.send(request)
            self.assertEqual(0x81, p.read(other.recv(999))[1])
        self.assertTrue(self.servers.hears_nothing())

    def test_options_from_outside_mean_nothing(self):
        """What belongs inside is not taken from whoever is on the way."""
        plain = kit.message(1, [(p.PROXY_URI, self.servers.uri("a"))], mid=1)
        request = self.a.protect(plain)
        # Multicast-Timeout of 5 in front of the OSCORE option
        at = 4 + (request[0] & 15)
        forged = request[:at] + b"\x21\x05" + bytes(
            [request[at] - 0x20]) + request[at + 1:]
        self.client.send(forged)
        got = self.hear_back(request)
        self.assertEqual((0x80, [b""]), (got[1], got[3][p.TIMEOUT]))
        # Proxy-Uri outside: then it is for somebody else, from nobody we know
        request = self.b.protect(self.group(mid=2))
        end = request.index(b"\xff")
        uri = b"coap://224.0.1.187/"
        forged = (request[:end] + bytes([0xdd, 35 - 9 - 13, len(uri) - 13]) +
                  uri + request[end:])
        self.client.send(forged)  # 127.0.0.1 may not ask it
        self.assertEqual(0x81, p.read(self.client.recv(999))[1])
        self.assertTrue(self.servers.hears_nothing())

    def test_nobody_stops_the_request_of_a_context(self):
        """REQ-P-13: the same path and token, but another association."""
        request = self.a.protect(self.group(token=b"t", mid=1))
        self.client.send(request)
        forwarded, proxy = self.servers.hear()
        stop = kit.message(1, [(2, b"")], kit.CON, 9, b"t")
        self.client.send(stop)
        self.assertEqual(b"\x60\0\0\x09", self.client.recv(99))
        self.servers.answer(0, forwarded, proxy)
        self.assertEqual(0x45, self.hear_back(request)[1])
        self.client.send(self.a.protect(stop[:3] + b"\x0a" + stop[4:]))
        self.assertEqual(b"\x60\0\0\x0a", self.client.recv(99))
        self.servers.answer(1, forwarded, proxy)
        p.wait_until(lambda: self.proxy.metrics()["unwanted"] == 1)


class Survival(Base):
    def ask(self, options=(), **more):
        request = self.a.protect(self.group(options, **more))
        self.client.send(request)
        return request

    def collect(self, request, count):
        forwarded, proxy = self.servers.hear()
        for k in range(count):
            self.servers.answer(k % 5, forwarded, proxy, mid=self.mid + k)
            self.hear_back()
            self.nonces[-1] = (request, self.nonces[-1][1])
        self.mid += count
        return forwarded, proxy

    def test_killed_in_the_middle(self):
        """REQ-P-30: no nonce comes again, and clients prove once that they
        are there (RFC 8613 Appendix B.1.2)."""
        self.mid = 1
        for n in range(2):
            first = self.ask(token=bytes([1, n]))
            forwarded, proxy = self.collect(first, 11)
            port = self.proxy.ports[0]
            self.proxy.stop(signal.SIGKILL)
            self.servers.answer(0, forwarded, proxy, mid=500 + n)  # too late
            self.start(port)
            self.client.send(first[:2] + b"\x7f\x7f" + first[4:])  # a replay
            self.assertEqual([8], [len(x) for x in
                                   self.hear_back(first)[3][ECHO]])
            request = self.ask(token=bytes([2, n]))
            echo = self.hear_back(request)[3][ECHO][0]
            self.assertTrue(self.servers.hears_nothing(0.05))
            request = self.ask([(ECHO, echo)], token=bytes([3, n]))
            self.collect(request, 3)
            request = self.ask(token=bytes([4, n]))
            self.collect(request, 2)
            self.client.send(first[:2] + b"\x7f\x7e" + first[4:])
            self.assertEqual(b"Replay detected",
                             p.read(self.client.recv(999))[4])
        self.assertEqual(2 * (11 + 1 + 1 + 3 + 2), self.audit())

    def test_stopped_and_started(self):
        self.mid = 1
        self.collect(self.ask(token=b"1"), 5)
        port = self.proxy.ports[0]
        self.assertEqual(0, self.proxy.stop()[0])
        with open(self.path("a.state"), encoding="utf-8") as file:
            numbers = dict(x.split() for x in file.read().split("\n")[1:-1])
        used = [x for _, x in self.nonces if x is not None]
        self.assertEqual(int.from_bytes(max(used), "big") + 1,
                         int(numbers["sequence_number"]))
        self.start(port)
        request = self.ask(token=b"2")
        echo = self.hear_back(request)[3][ECHO][0]
        self.collect(self.ask([(ECHO, echo)], token=b"3"), 2)
        self.audit()

    def test_a_state_that_cannot_be_written(self):
        """Then nothing is said at all, once the reserve is used up."""
        self.mid = 1
        self.collect(self.ask(token=b"1"), 2)
        self.folder.cleanup()
        os.mkdir(self.folder.name, 0o700)
        Party(self, "a", "0a")
        self.client.settimeout(0.5)
        self.client.send(self.a.protect(self.group(token=b"2")))
        forwarded, proxy = self.servers.hear()
        os.mkdir(self.path("a.state"))
        heard = 0
        for k in range(30):
            self.servers.answer(k % 5, forwarded, proxy, mid=100 + k)
        try:
            while True:
                self.hear_back()
                heard += 1
        except TimeoutError:
            pass
        self.assertLess(heard, 12)
        self.audit()


class Senders(unittest.TestCase):
    """Requests to a group that its members have signed, and nobody else."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.case = next(c for c in group.load()["cases"]
                         if c["id"] == "alg-24-24-group-group")
        self.member = self.write("member", group.context(self.case, "client"))
        self.write("checker", group.checker(self.case))
        self.servers = p.Servers(1)
        self.addCleanup(self.servers.close)
        self.proxy = p.Proxy(PROGRAM, f"""clients:
- from: 127.0.0.1
  groups:
  - address: '224.0.1.187:{self.servers.port}'
    interface: lo
    senders: checker
limits: {{requests_per_group: 99, rate: 0}}
""", head="listen: ['127.0.0.1:0']\ninsecure: true\n",
                             folder=self.folder.name)
        self.addCleanup(lambda: self.proxy.stop(signal.SIGKILL))
        self.client = self.proxy.client()
        self.addCleanup(self.client.close)
        self.mid = 0

    def write(self, name, document):
        path = os.path.join(self.folder.name, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="utf-8") as file:
            json.dump(document, file)
        return path

    def signed(self, number, *args):
        got = subprocess.run(
            [COVEY, "group", "protect", "--number", str(number), *args,
             self.member, kit.message(1, kit.path("a"), kit.NON, 1).hex()],
            text=True, capture_output=True, check=True, timeout=60)
        return p.read(bytes.fromhex(got.stdout.strip()))

    def send(self, message, change=None):
        """Through the proxy, as it is or changed."""
        _, code, _, options, payload = message
        self.mid += 1
        self.client.send(kit.message(
            code, [(OSCORE, options[OSCORE][0]),
                   (p.PROXY_URI, self.servers.uri()),
                   (p.SIGNALING, b"\x3c")], kit.NON, self.mid,
            bytes([self.mid]), change(payload) if change else payload))

    def passes(self, message):
        self.send(message)
        _, code, _, options, payload = p.read(self.servers.hear()[0])
        self.assertEqual((message[1], message[3][OSCORE], message[4]),
                         (code, options[OSCORE], payload))

    def refused(self, message, change=None):
        self.send(message, change)
        self.assertEqual(0x81, p.read(self.client.recv(999))[1])
        self.assertTrue(self.servers.hears_nothing(0.05))

    def test_members_only_and_once(self):
        """Seed 003 Section 6.1."""
        first, second, late = map(self.signed, (100, 101, 20))
        self.passes(first)
        self.refused(first)  # a replay
        flipped = lambda at: lambda b: (b[:at] + bytes([b[at] ^ 1]) +
                                        b[at + 1:])
        for at in (0, len(second[4]) - 1):
            self.refused(second, flipped(at))
        self.refused(second, lambda b: b[:60])
        self.passes(second)  # what was refused has used up nothing
        self.refused(late)  # below what is remembered
        unsigned = p.read(kit.message(2, [(OSCORE, b"\x09\x00k")], kit.NON,
                                      payload=b"pairwise"))
        self.refused(unsigned)
        self.mid += 1
        self.client.send(kit.message(1, [
            (p.PROXY_URI, self.servers.uri("plain")),
            (p.SIGNALING, b"\x3c")], kit.NON, self.mid, b"p"))
        self.assertEqual(0x81, p.read(self.client.recv(999))[1])
        status, said = self.proxy.stop()
        self.assertEqual(0, status)

    def test_the_operator_is_warned(self):
        self.proxy.stop()
        path = os.path.join(self.folder.name, "proxy.yaml")
        with subprocess.Popen([PROGRAM, "--config", path], text=True,
                              stderr=subprocess.PIPE) as process:
            said = process.stderr.readline()
            process.terminate()
        self.assertRegex(said, r"warning proxy\.senders .* after a restart")

    def test_a_member_is_no_checker(self):
        """A file with a Master Secret is refused: the proxy is no member."""
        self.proxy.stop()
        os.replace(self.member, os.path.join(self.folder.name, "checker"))
        got = subprocess.run(
            [PROGRAM, "--config", os.path.join(self.folder.name,
                                               "proxy.yaml")],
            text=True, capture_output=True, check=False, timeout=60)
        self.assertEqual(4, got.returncode)
        self.assertIn("signature_encryption_key", got.stderr)


class Starting(unittest.TestCase):
    """What is refused before anybody is listened to."""

    def refused(self, clients, word):
        with tempfile.TemporaryDirectory() as folder:
            self.path = lambda name: os.path.join(folder, name)
            Party(self, "a", "0a")
            Party(self, "b", "0b")
            with open(self.path("proxy.yaml"), "w", encoding="utf-8") as file:
                file.write("listen: ['127.0.0.1:0']\nclients:\n" + clients)
            got = subprocess.run([PROGRAM, "--config",
                                  self.path("proxy.yaml")], text=True,
                                 capture_output=True, check=False, timeout=60)
            self.assertEqual(4, got.returncode, got.stderr)
            self.assertIn(word, got.stderr)

    def test_refused(self):
        self.refused("- {context: none.yaml, state: s}\n", "No such file")
        self.refused("- {context: ctx-a.yaml, state: s}\n" * 2,
                     "the same recipient_id")
        self.refused("- {context: ctx-a.yaml, state: s}\n"
                     "- {context: ctx-b.yaml, state: s}\n", "another one")
        self.refused("- {context: ctx-a.yaml, state: no/s}\n", "No such file")


if __name__ == "__main__":
    unittest.main()
