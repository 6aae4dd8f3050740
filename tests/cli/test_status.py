# SPDX-License-Identifier: BSD-2-Clause
"""The status page of a daemon: who gets what, and who does not."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import group_kit
import server_kit as kit
from status_kit import PLACE, Page

PROGRAM, COVEY = "", ""
SECRET = "type: oscore\nmaster_secret: 0102030405060708090a0b0c0d0e0f10\n"
CONFIG = f"""status: '127.0.0.1:0'
contexts: [{{file: context.yaml}}]
store: state.db
resources:
- {{path: /lamp, type: value, value: 'off'}}
"""
PATHS = ("/", "/status.css", "/status.js", "/picture.js", "/healthz", "/metrics",
         "/api/status.json", "/api/events.json")


class Base(unittest.TestCase):
    config = CONFIG

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.write("context.yaml", SECRET + "sender_id: 01\n"
                   "recipient_id: 02\n")
        self.client = self.write("client.yaml", SECRET +
                                 "sender_id: 02\nrecipient_id: 01\n")
        self.server = kit.Server(PROGRAM, self.config, self.folder)
        self.addCleanup(lambda: self.server.stop(signal.SIGKILL))
        self.port = int(PLACE.search(self.server.said).group(1))
        self.page = Page(self, self.port)
        self.ask = self.page.ask

    def write(self, name, text):
        return kit.write(self.folder, name, text)


class Status(Base):
    def refuse_one(self):
        """A forged message."""
        request = subprocess.run(
            [COVEY, "oscore", "protect", "--number", "0", self.client,
             kit.message(1, kit.path("lamp")).hex()],
            capture_output=True, text=True, check=True).stdout.strip()
        forged = bytearray(bytes.fromhex(request))
        forged[-1] ^= 1
        self.server.ask(bytes(forged))

    def test_every_path_has_its_page(self):
        for path in PATHS:
            got = self.ask(path)
            self.assertEqual(200, got.status, path)
            self.assertEqual("nosniff", got.headers["X-Content-Type-Options"])
            self.assertIn("default-src 'none'",
                          got.headers["Content-Security-Policy"])
            body = got.read()
            self.assertGreater(len(body), 2)
            head = self.ask(path, "HEAD")
            self.assertEqual((200, b""), (head.status, head.read()))
        self.assertEqual(b"ok\n", self.ask("/healthz").read())
        self.assertEqual(404, self.ask("/etc/passwd").status)
        self.assertEqual(404, self.ask("/api/../api/status.json").status)

    def test_page_is_from_here_alone(self):
        """Neither scripts nor anything else of other sites."""
        for path in PATHS[:4]:
            text = self.ask(path).read().decode()
            self.assertNotRegex(text.replace("http://www.w3.org/2000/svg", ""),
                                r"https?://|//[a-z]+\.")
        self.assertNotRegex(self.ask("/").read().decode(),
                            r"<script>|onclick|style=")

    def test_nothing_can_be_changed(self):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            got = self.ask("/healthz", method, body=b"x" * 100)
            self.assertEqual(405, got.status, method)
            self.assertEqual("GET, HEAD", got.headers["Allow"])

    def test_other_names_of_this_host_get_nothing(self):
        """A page of another site that points its own name here."""
        for host in ("evil.example", f"evil.example:{self.port}",
                     "localhost.evil.example", "127.0.0.1.evil.example",
                     "[::1].evil.example", "x" * 500):
            self.assertEqual(421, self.ask("/metrics", host=host).status, host)
        for host in ("127.0.0.1", "localhost", f"localhost:{self.port}",
                     "LOCALHOST", "[::1]", f"[::1]:{self.port}"):
            self.assertEqual(200, self.ask("/metrics", host=host).status, host)

    def test_figures_count(self):
        before = self.page.figures()
        forged = 'covey_messages_refused_total{reason="not-decrypted"}'
        self.assertEqual(0, before[forged])
        self.assertEqual(1, before['covey_info{version="0.1.0"}'])
        self.refuse_one()
        after = self.page.figures()
        self.assertEqual(1, after[forged])
        link = f'covey_messages_received_total{{link="127.0.0.1:' \
            f'{self.server.ports[0]}"}}'
        self.assertEqual(before[link] + 1, after[link])

    def test_figures_are_the_same_as_json(self):
        self.refuse_one()
        status = self.page.check_figures()
        self.assertEqual("covey-server", status["program"])
        self.assertLess(status["started"], status["now"])
        self.assertEqual(["address", "messages"],
                         sorted(status["links"][0]))

    def test_stream_tells_what_is_refused(self):
        with socket.create_connection(("127.0.0.1", self.port), 60) as s:
            s.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            got = s.recv(4096)
            while b"retry:" not in got:
                got += s.recv(4096)
            self.assertIn(b"text/event-stream", got)
            self.refuse_one()
            while b"\n\n" not in got.split(b"event: log\n", 1)[-1] or \
                    b"event: log" not in got:
                got += s.recv(4096)
        line = re.search(rb"event: log\ndata: (.*)\n", got).group(1)
        event = json.loads(line)
        self.assertEqual(("message.refused", "not-decrypted",
                          "RFC 8613 Section 8"),
                         (event["event"], event["why"], event["section"]))
        self.assertEqual(event, self.page.events("message.refused")[0])
        # Nobody listens any more; that is noticed, and does no harm.
        for _ in range(3):
            self.refuse_one()
        self.assertEqual(200, self.ask("/healthz").status)

    def test_listeners_are_bounded(self):
        streams = []
        for _ in range(20):
            s = socket.create_connection(("127.0.0.1", self.port), 60)
            self.addCleanup(s.close)
            s.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            streams.append(s.recv(4096).split(b"\r\n")[0])
        self.assertEqual(16, sum(b" 200 " in s for s in streams))
        self.assertEqual(4, sum(b" 503 " in s for s in streams))
        self.assertEqual(200, self.ask("/healthz").status)

    def test_listener_that_does_not_read_is_let_go(self):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            s.connect(("127.0.0.1", self.port))
            s.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            for _ in range(200):
                self.refuse_one_quickly()
            self.assertEqual(200, self.ask("/healthz").status)

    def refuse_one_quickly(self):
        """No member of this context: nothing has to be computed."""
        self.server.ask(kit.message(2, [(9, b"\x09\x00\x77")], payload=b"x" *
                                    20))

    def test_connections_are_bounded(self):
        held = []
        for _ in range(100):
            s = socket.create_connection(("127.0.0.1", self.port), 60)
            self.addCleanup(s.close)
            held.append(s)
        self.assertEqual("2.05", kit.code_of(self.server.ask(
            kit.message(1, kit.path(".well-known", "core"))))[1])
        for s in held:
            s.close()
        self.assertEqual(200, self.ask("/healthz").status)

    def test_what_is_no_http_does_no_harm(self):
        for junk in (b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n",
                     b"GET " + b"/" * 30000 + b" HTTP/1.1\r\n\r\n",
                     b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000,
                     b"POST / HTTP/1.1\r\nHost: localhost\r\n"
                     b"Content-Length: 99999999999999999999\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.port), 60) as s:
                s.sendall(junk)
            self.assertEqual(b"ok\n", self.ask("/healthz").read())

    def test_address_that_is_taken(self):
        text = CONFIG.replace("127.0.0.1:0", f"127.0.0.1:{self.port}") \
            .replace("state.db", "other.db")
        path = self.write("second.yaml", text + "listen: ['127.0.0.1:0']\n")
        done = subprocess.run([PROGRAM, "--config", path], text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(4, done.returncode)
        self.assertRegex(done.stderr, r"error status\.open what=.*in use")

    def test_what_is_no_address(self):
        for value in ("evil.example", "127.0.0.1:99999", "''", "[]", "3.4"):
            done = subprocess.run(
                [PROGRAM, "--config", "-", "--check-config"], text=True,
                input=f"status: {value}\nresources: []\n",
                capture_output=True, timeout=60, check=False)
            self.assertEqual(1, done.returncode, value)
            self.assertIn("status", done.stderr)


class Groups(Base):
    """A group of a context file: vectors/oscore."""
    config = CONFIG.replace("contexts: [", "contexts: [{file: group.yaml}, ")
    case = next(c for c in group_kit.load()["cases"]
                if c["id"] == "alg-24-24-group-group")

    def write(self, name, text):
        if name == "context.yaml":
            super().write("group.yaml", json.dumps(
                group_kit.context(self.case, "server")))
        return super().write(name, text)

    def group(self):
        return self.page.status()["groups"][0]

    def test_members_are_shown_once_they_are_known(self):
        ends = self.case["endpoints"]
        got = self.group()
        self.assertEqual(
            {"name": "group.yaml", "in": True, "count": 0, "members": [],
             "gid": self.case["group"]["gid"],
             "own": ends["server"]["sender_id"]}, got)
        request = self.protect()
        self.assertIsNotNone(self.server.ask(request))
        (member,) = self.group()["members"]
        self.assertEqual(ends["client"]["sender_id"], member["id"])
        self.assertTrue(member["heard"])

    def test_requests_say_who_asked_but_no_secrets(self):
        self.server.ask(self.protect())
        self.server.ask(kit.message(3, kit.path("lamp"), payload=b"on"))
        self.server.ask(kit.message(1, kit.path("no", "such\0thing")))
        missing, put, group = self.page.status()["requests"]
        self.assertEqual(("GET", "/no/such?thing", "4.04"),
                         (missing["method"], missing["path"],
                          missing["code"]))
        self.assertEqual(("PUT", "/lamp", "2.04"),
                         (put["method"], put["path"], put["code"]))
        self.assertEqual({"at", "from", "us", "protection", "member"},
                         set(group))
        self.assertEqual(
            ("group", self.case["endpoints"]["client"]["sender_id"]),
            (group["protection"], group["member"]))

    def test_replay_names_the_section_for_groups(self):
        request = bytearray(self.protect())
        self.server.ask(bytes(request))
        request[3] ^= 1  # Message ID: no duplicate
        self.server.ask(bytes(request), wait=0.3)
        (event,) = self.page.events("message.refused")
        self.assertEqual(("replay", "RFC 10021 Section 5.3"),
                         (event["why"], event["section"]))

    def protect(self):
        path = super().write("client.json", json.dumps(
            group_kit.context(self.case, "client")))
        done = subprocess.run(
            [COVEY, "group", "protect", path,
             kit.message(1, kit.path("lamp")).hex()],
            capture_output=True, text=True, check=True)
        return bytes.fromhex(done.stdout.strip())


class Connections(Base):
    config = "tcp: ['127.0.0.1:0']\n" + CONFIG

    def test_what_comes_over_tcp_counts_too(self):
        self.write("wrong.yaml", SECRET.replace("0102", "ffff") +
                   "sender_id: 02\nrecipient_id: 01\n")
        uri = f"coap+tcp://127.0.0.1:{self.server.ports[2]}/lamp"
        path = os.path.join(self.folder, "wrong.yaml")
        for context in ([], ["--context", path, "--state", path + ".state"]):
            subprocess.run([COVEY, "get", *context, uri], check=False,
                           capture_output=True, timeout=60)
        (event,) = self.page.events("message.refused")
        self.assertEqual(("not-decrypted", "RFC 8613 Section 8"),
                         (event["why"], event["section"]))
        figures = self.page.figures()
        self.assertEqual(1, figures[
            'covey_messages_refused_total{reason="not-decrypted"}'])
        self.assertEqual([2], [v for k, v in figures.items() if "+tcp" in k])


class Workers(Groups):
    """Contexts are dealt out: one of the groups is another process's."""
    count = 3
    config = Groups.config.replace(
        "contexts: [", "contexts: [{file: alone.yaml}, ") + \
        f"workers: {count}\n"

    def write(self, name, text):
        if name == "context.yaml":
            Base.write(self, "alone.yaml", SECRET + "sender_id: 03\n"
                       "recipient_id: 04\n")
        return super().write(name, text)

    def group(self):
        """As soon as its process has told of it, and of who was heard."""
        asked = self.page.status()["links"][0]["messages"]
        return self.page.until(
            lambda: self.page.status()["groups"],
            lambda all: len(all) == 1 and len(all[0]["members"]) ==
            min(asked, 1))[0]

    def forge(self, count):
        """Refused, most of them by others than the first."""
        for i in range(count):
            self.server.ask(kit.message(
                1, [(9, b"\x09" + bytes([i]) + b"\x77\x77\x77\x77")],
                payload=b"x" * 20))

    def test_requests_say_who_asked_but_no_secrets(self):
        for _ in range(12):
            self.server.ask(kit.message(1, kit.path("lamp")))
        self.server.ask(self.protect())
        asked = self.page.until(lambda: self.page.status()["requests"],
                           lambda all: len(all) == 13)
        self.assertEqual(12, len([r for r in asked if "path" in r]))
        self.assertEqual(13, len({r["from"] for r in asked}))
        (group,) = [r for r in asked if "path" not in r]
        self.assertEqual({"at", "from", "us", "protection", "member"},
                         set(group))

    def test_replay_names_the_section_for_groups(self):
        request = bytearray(self.protect())
        self.server.ask(bytes(request))
        request[3] ^= 1  # Message ID: no duplicate
        self.server.ask(bytes(request), wait=0.3)
        (event,) = self.page.until(lambda: self.page.events("message.refused"),
                              bool)
        self.assertEqual("replay", event["why"])

    def test_events_are_of_all_and_go_on(self):
        self.forge(12)
        self.page.until(lambda: len(self.page.events("message.refused")),
                   lambda n: n == 12)
        figures = self.page.figures()
        self.assertLessEqual(12, figures['covey_log_events_total{level="info"}'])
        self.assertEqual(0, figures["covey_server_events_dropped_total"])
        said = self.server.kill_worker(min(self.server.workers()))
        self.page.port = int(PLACE.search(said).group(1))
        self.page.until(lambda: self.page.events("worker.again"), bool)
        self.forge(12)
        self.page.until(lambda: len(self.page.events("message.refused")),
                   lambda n: n == 12)

    def test_flood_is_counted(self):
        """More than anybody would read is not told, and is not lost."""
        clients = [self.server.client() for _ in range(8)]
        many = 100 * len(clients)
        for i in range(many):
            s = clients[i % len(clients)]
            s.send(kit.message(1, [(9, b"\x09" + i.to_bytes(5, "big"))],
                               payload=b"x" * 20))
            s.recv(4096)
        for s in clients:
            s.close()
        self.assertEqual(many, self.page.figures()[
            'covey_messages_refused_total{reason="no-context"}'])
        self.page.until(lambda: self.page.figures()[
            'covey_log_events_total{level="info"}'], lambda n: n >= many)

    def test_counts_are_of_all_and_survive(self):
        for _ in range(12):  # each from a port of its own
            self.server.ask(kit.message(1, kit.path(".well-known", "core")))
        status = self.page.status()
        self.assertEqual((3, 12), (status["workers"],
                                   status["links"][0]["messages"]))
        figures = self.page.figures()
        self.assertEqual(3, figures["covey_server_workers"])
        self.server.kill_worker(max(self.server.workers()))
        self.assertEqual(12, self.page.status()["links"][0]["messages"])


if __name__ == "__main__":
    PROGRAM, COVEY = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
