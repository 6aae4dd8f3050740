# SPDX-License-Identifier: BSD-2-Clause
"""covey-server as several processes: whichever of them a client's datagrams
come to, the answers are those of one server; whichever of them dies, too. No
number of a security context is used twice on the whole wire, and nothing is
done twice."""
import concurrent.futures
import contextlib
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import ports
import request_kit as kit
import server_kit
from server_kit import code_of, message, path

PROGRAM = os.environ["COVEY_SERVER"]
WORKERS = 3
CONTEXTS = 3
CLIENTS = 24  # each on a port of its own: no worker is left out but by chance
SECRET = "type: oscore\nmaster_secret: 0102030405060708090a0b0c0d0e0f10\n"
GROUP = "224.0.1.186"
KEY = ["{identity: me, file: psk}"]
CONFIG = f"""workers: {WORKERS}
store: state.db
contexts: [{', '.join(f'{{file: s{i}.yaml}}' for i in range(CONTEXTS))}]
dtls: [{{address: '127.0.0.1:0', keys: [{', '.join(KEY)}]}}]
amplification: 0
duplicates: 1000
resources:
- {{path: /v, type: value, value: 'off', max: 60000, observable: true}}
- {{path: /n, type: counter, methods: [get, post]}}
- {{path: /s, type: counter, policy: oscore, observable: true}}
- {{path: /both, type: static, value: both, policy: dtls, clients: ['psk:me']}}
"""
GET, POST, PUT = 1, 2, 3
OBSERVE, OSCORE = 6, 9


class Case(unittest.TestCase):
    config = CONFIG

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for i in range(CONTEXTS):
            self.write(f"s{i}.yaml", SECRET + f"sender_id: a{i}\n"
                       f"recipient_id: b{i}\n")
            self.write(f"c{i}.yaml", SECRET + f"sender_id: b{i}\n"
                       f"recipient_id: a{i}\n")
        self.write("psk", "a key of both")
        self.server = server_kit.Server(PROGRAM, self.config, self.folder)
        self.addCleanup(self.server.stop)
        self.numbers = [0] * CONTEXTS
        self.sockets = []

    def write(self, name, text):
        with open(os.open(self.at(name), os.O_CREAT | os.O_WRONLY, 0o600),
                  "w", encoding="utf-8") as file:
            file.write(text)

    def at(self, name):
        return os.path.join(self.folder, name)

    def clients(self, count=CLIENTS):
        found = [self.server.client() for _ in range(count)]
        for s in found:
            self.addCleanup(s.close)
        return found

    def ask(self, client, datagram):
        """What comes back, from a network that may lose one. Answers to what
        was sent again before may still be on their way."""
        client.settimeout(0.5)
        for _ in range(100):
            client.send(datagram)
            with contextlib.suppress(socket.timeout):
                while True:
                    got = client.recv(4096)
                    if got[2:4] == datagram[2:4]:
                        return got
        self.fail("no answer")
        return None

    def workers(self):
        return self.server.workers()

    def kill_one(self, victim):
        """Until another one is in its place."""
        self.server.kill_worker(victim)
        self.assertEqual(WORKERS, len(self.workers()))
        self.assertNotIn(victim, self.workers())

    def oscore(self, verb, which, *args):
        got = subprocess.run([kit.COVEY, "oscore", verb, *args], text=True,
                             capture_output=True, check=True, timeout=60)
        del which
        return bytes.fromhex(got.stdout.strip())

    def protect(self, which, plain):
        self.numbers[which] += 1
        return self.oscore("protect", which, "--number",
                           str(self.numbers[which]), self.at(f"c{which}.yaml"),
                           plain.hex())

    def open(self, which, request, answer):
        return self.oscore("unprotect", which, "--request", request.hex(),
                           self.at(f"c{which}.yaml"), answer.hex())


class Plain(Case):
    def test_what_one_writes_all_read(self):
        clients = self.clients()
        for i, writer in enumerate(clients[:6]):
            value = b"x" * 50 + bytes([65 + i])
            self.assertEqual(("ACK", "2.04"), code_of(self.ask(
                writer, message(PUT, path("v"), payload=value))))
            for reader in clients:
                got = self.ask(reader, message(GET, path("v")))
                self.assertTrue(got.endswith(b"\xff" + value))

    def test_many_at_once_and_one_dies(self):
        clients = self.clients()
        for victim in self.workers():
            before = int(self.ask(clients[0], message(GET, path("n")))
                         .partition(b"\xff")[2])
            with concurrent.futures.ThreadPoolExecutor() as pool:
                asked = [pool.submit(self.ask, c, message(POST, path("n")))
                         for c in clients]
                self.kill_one(victim)
                for one in asked:
                    self.assertEqual(("ACK", "2.04"), code_of(one.result()))
            # One that was killed may have counted without saying so, and what
            # was sent twice may still be on its way.
            for _ in range(20):
                after = {self.ask(c, message(GET, path("n")))
                         .partition(b"\xff")[2] for c in clients}
                if len(after) == 1:
                    break
            self.assertEqual(1, len(after))
            self.assertGreaterEqual(int(after.pop()), before + CLIENTS)

    def test_observers_of_all_are_told(self):
        clients = self.clients()
        for c in clients:
            got = self.ask(c, message(GET, [(OBSERVE, b"")] + path("v"),
                                      token=b"o"))
            self.assertIsNotNone(server_kit.option(got, OBSERVE))
        for value in (b"1", b"2"):
            self.ask(self.clients(1)[0],
                     message(PUT, path("v"), payload=value))
            for c in clients:
                self.assertTrue(c.recv(4096).endswith(b"\xff" + value))

    def test_orderly_stop(self):
        workers = self.workers()
        self.assertEqual(WORKERS, len(workers))
        status, said = self.server.stop()
        self.assertEqual(0, status)
        self.assertIn("daemon.stop why=Terminated", said)
        for pid in workers:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_end_of_the_first_process_is_the_end_of_all(self):
        workers = self.workers()
        self.server.stop(signal.SIGKILL)
        until = time.monotonic() + 60
        while any(os.path.exists(f"/proc/{pid}") for pid in workers):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.01)


class Secure(Case):
    def test_contexts_have_one_owner(self):
        """From any port, each context answers; what one worker has heard no
        other takes again."""
        clients = self.clients(8)
        for which in range(CONTEXTS):
            for i, c in enumerate(clients):
                request = self.protect(which, message(POST, path("s")))
                answer = self.open(which, request, self.ask(c, request))
                self.assertEqual("2.04", code_of(answer)[1])
                again = request[:2] + b"\x77\x77" + request[4:]
                other = clients[(i + 5) % len(clients)]
                self.assertEqual("4.01", code_of(self.ask(other, again))[1])
        request = self.protect(0, message(GET, path("s")))
        answer = self.open(0, request, self.ask(clients[0], request))
        self.assertEqual(str(CONTEXTS * len(clients)).encode(),
                         answer.partition(b"\xff")[2])

    def piv(self, datagram):
        value = server_kit.option(datagram, OSCORE)
        return int.from_bytes(value[1:1 + (value[0] & 7)], "big")

    def observe(self, which, c):
        request = self.protect(which, message(
            GET, [(OBSERVE, b"")] + path("s"), token=b"o"))
        self.assertIsNotNone(server_kit.option(self.open(
            which, request, self.ask(c, request)), OBSERVE))

    def change(self, which, c):
        """A challenge is met, as after the death of an owner."""
        request = self.protect(which, message(POST, path("s")))
        inner = self.open(which, request, self.ask(c, request))
        echo = server_kit.option(inner, kit.ECHO)
        if echo is not None:
            request = self.protect(which, message(
                POST, path("s") + [(kit.ECHO, echo)]))
            inner = self.open(which, request, self.ask(c, request))
        self.assertEqual("2.04", code_of(inner)[1])

    def test_no_number_twice_whoever_dies(self):
        seen = []
        for victim in [None] + self.workers():
            if victim is not None:
                self.kill_one(victim)
            for which in range(CONTEXTS):
                self.change(which, self.clients(1)[0])
                observer = self.clients(1)[0]
                self.observe(which, observer)
                for _ in range(2):
                    self.change(which, self.clients(1)[0])
                    seen.append((which, self.piv(observer.recv(4096))))
        self.assertEqual(CONTEXTS * 2 * (1 + WORKERS), len(seen))
        self.assertEqual(len(seen), len(set(seen)), seen)

    def test_reset_finds_who_has_the_observer(self):
        clients = self.clients(6)
        writer = self.clients(1)[0]
        for which in range(CONTEXTS):
            for c in clients:
                self.observe(which, c)
            self.change(which, writer)
            for c in clients:
                got = c.recv(4096)
                c.send(bytes([0x70, 0]) + got[2:4])
            for _ in range(50):
                # The worker that has heard a Reset tells it the one that has
                # the observer: a change may be faster.
                self.change(which, writer)
                late = select.select(clients, [], [], 0.1)[0]
                if not late:
                    break
                for c in late:
                    c.recv(4096)
            self.assertEqual([], late)

    def test_inside_sessions(self):
        uri = f"coaps://127.0.0.1:{self.server.ports[2]}/"
        key = ["--psk-identity", "me", "--psk-file", self.at("psk")]
        for _ in range(2):
            for which in range(CONTEXTS):
                secure = ["--context", self.at(f"c{which}.yaml"), "--state",
                          self.at(f"state{which}")]
                self.assertEqual((0, b"both", ""), kit.run(
                    "get", *key, *secure, uri + "both"))
                self.assertEqual((0, b"both", ""), kit.run(
                    "get", *key, uri + "both"))

    def test_observes_inside_a_session(self):
        uri = f"coaps://127.0.0.1:{self.server.ports[2]}/s"
        key = ["--psk-identity", "me", "--psk-file", self.at("psk")]
        for which in range(CONTEXTS):
            process = kit.start("observe", *key, "--count", "2", "--context",
                                self.at(f"c{which}.yaml"), "--state",
                                self.at(f"state{which}"), uri)
            process.stdout.readline()
            self.change((which + 1) % CONTEXTS, self.clients(1)[0])
            out, err = process.communicate(timeout=60)
            self.assertEqual((0, b""), (process.returncode, err))
            self.assertEqual(1, len(out.splitlines()))


class Connections(Case):
    config = CONFIG.replace("workers", "tcp: ['127.0.0.1:0']\nworkers")

    def test_one_server_over_connections_too(self):
        """They are the first worker's, and so are all contexts then."""
        uri = f"coap+tcp://127.0.0.1:{self.server.ports[2]}/"
        for i, c in enumerate(self.clients(8)):
            value = b"from %d" % i
            self.ask(c, message(PUT, path("v"), payload=value))
            self.assertEqual((0, value, ""), kit.run("get", uri + "v"))
            which = i % CONTEXTS
            request = self.protect(which, message(POST, path("s")))
            answer = self.open(which, request, self.ask(c, request))
            self.assertEqual("2.04", code_of(answer)[1])
        for which in range(CONTEXTS):
            self.assertEqual((0, b"8", ""), kit.run(
                "get", "--context", self.at(f"c{which}.yaml"), "--state",
                self.at(f"state{which}"), "--number", str(1000 + which),
                uri + "s"))


class Groups(Case):
    config = (CONFIG.replace("workers", "groups: [{address: " + GROUP +
                             ", interface: lo}]\nleisure: 0\nworkers"))

    def setUp(self):
        listen = server_kit.LISTEN
        self.addCleanup(setattr, server_kit, "LISTEN", listen)
        port = ports.free()
        server_kit.LISTEN = f"listen: ['0.0.0.0:{port}']\n"
        self.config = self.config.replace(GROUP, f"'{GROUP}:{port}'")
        super().setUp()

    def answers(self):
        """Within a while."""
        found = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                         socket.inet_aton("127.0.0.1"))
            s.sendto(message(GET, path("v"), kind=server_kit.NON),
                     (GROUP, self.server.ports[0]))
            s.settimeout(60)
            try:
                while True:
                    found.append(s.recv(4096))
                    s.settimeout(0.2)
            except socket.timeout:
                return found

    def test_one_member_answers(self):
        self.assertEqual(1, len(self.answers()))
        self.kill_one(min(self.workers()))
        self.assertEqual(1, len(self.answers()))


class Refused(unittest.TestCase):
    def test_numbers(self):
        for number in ("0", "17", "two"):
            got = subprocess.run(
                [PROGRAM, "--config", "-", "--check-config"], text=True,
                input=f"workers: {number}\nresources: []\n", check=False,
                capture_output=True, timeout=60)
            self.assertEqual(1, got.returncode)
            self.assertIn("workers: expected", got.stderr)

    def test_worker_that_cannot_begin(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(RuntimeError) as said:
                server_kit.Server(
                    PROGRAM, "workers: 2\nresources: []\nstore: s.db\n"
                    "contexts: [{file: missing.yaml}]\n", folder)
            self.assertIn("missing.yaml", str(said.exception))


if __name__ == "__main__":
    unittest.main()
