# SPDX-License-Identifier: BSD-2-Clause
"""covey get and its kin through covey-proxy, and through proxies that do what
they like. REQ ids are those of docs/req/group-proxy.tsv."""
import json
import os
import signal
import subprocess
import threading
import unittest

import ports
import proxy_kit as p
import request_kit as kit
import server_kit

PROXY = os.environ["COVEY_PROXY"]
SERVERS = 5
CONFIG = """clients:
- from: 127.0.0.1
  groups: [{address: '224.0.1.187:%d', interface: lo}]
  servers: [127.0.0.0/8]
limits: {requests_per_group: 8, collect: 60, rate: 0}
"""
OBSERVE, PROXY_URI, NO_RESPONSE = 6, 35, 258
UNKNOWN_FORMS = (b"", b"\x82", b"\x82\x20", b"\x9f\x20\x81\x44\1\2\3\4\xff",
                 b"\x82\x20\x81\x44\1\2\3\4\x82\xf6\x80\x80",
                 b"\x83\x20\x81\x44\1\2\3\4\x81\x61a",
                 b"\x82\x20\x81\x64lamp\x82\xf6\x81\x44\1\2\3\4",
                 b"\x82\x20\x81\x44\1\2\3", b"\xff" * 1034)


class Group(unittest.TestCase):
    """Servers of a group that answer at once, as `self.answers` says."""

    def setUp(self):
        self.servers = p.Servers(SERVERS)
        self.addCleanup(self.servers.close)
        self.proxy = p.Proxy(PROXY, CONFIG % self.servers.port)
        self.addCleanup(self.proxy.stop)
        self.heard = []
        self.changed = threading.Condition()
        self.mid = 0
        self.resets = 0
        self.ending = False
        for s in (self.servers.group, *self.servers.own):
            s.settimeout(0.05)
            thread = threading.Thread(target=self.serve, args=(s,))
            thread.start()
            self.addCleanup(thread.join)
        self.addCleanup(self.end)

    def end(self):
        self.ending = True

    def serve(self, where):
        while not self.ending:
            try:
                request, proxy = where.recvfrom(4096)
            except OSError:
                continue
            message = p.read(request)
            with self.changed:
                if message[1] == 0:
                    self.resets += message[0] == kit.RST
                else:
                    self.heard.append((request, proxy, message))
                    if where is self.servers.group:
                        for i in range(SERVERS):
                            self.reply(i, request, proxy, message)
                self.changed.notify_all()

    def reply(self, i, request, proxy, message):
        options = [(OBSERVE, b"\1")] if message[3].get(OBSERVE) == [b""] \
            else []
        self.notify(i, request, proxy, options)

    def notify(self, i, request, proxy, options, payload=None, code=0x45):
        self.mid += 1
        self.servers.answer(i, request, proxy, code, options,
                            payload or b"%d" % i, self.mid)

    def command(self, verb, *args, uri=None):
        return (kit.COVEY, verb, "--proxy",
                f"coap://127.0.0.1:{self.proxy.ports[0]}", *args,
                uri or self.servers.uri("a?b").decode())

    def covey_all(self, *commands):
        """All at a time: what they do is wait."""
        running = [subprocess.Popen(c, stdout=subprocess.PIPE, text=True,
                                    stderr=subprocess.PIPE) for c in commands]
        said = [process.communicate(timeout=60) for process in running]
        return [(process.returncode, *text)
                for process, text in zip(running, said)]

    def covey(self, verb, *args, uri=None):
        return self.covey_all(self.command(verb, *args, uri=uri))[0]

    def wait(self, condition):
        with self.changed:
            self.assertTrue(self.changed.wait_for(condition, 60))

    def origins(self):
        return {f"127.0.0.{i + 2}:{self.servers.port}"
                for i in range(SERVERS)}

    def test_every_answer_with_its_origin(self):
        """REQ-C-01, REQ-REQ-01: as text and as JSON, in both forms."""
        common = ("--collect", "1", "--margin", "0.2")
        profiles = ((), ("--profile", "seed"), ("--profile", "07"))
        got = self.covey_all(
            *(self.command("get", *common, *x) for x in profiles),
            *(self.command("get", "--json", "--non", *common, *x)
              for x in profiles))
        for status, out, err in got[:3]:
            self.assertEqual((0, ""), (status, err))
            self.assertEqual(self.origins(),
                             {x.split()[0] for x in out.splitlines()})
        for status, out, _ in got[3:]:
            answers = [json.loads(x) for x in out.splitlines()]
            self.assertEqual(SERVERS, len(answers))
            self.assertEqual(self.origins(), {a["origin"] for a in answers})
            for a in answers:
                self.assertIs(a["protected"], False)
                self.assertIs(a["proxy_protected"], False)
                self.assertEqual(f"127.0.0.1:{self.proxy.ports[0]}",
                                 a["proxy"])
        for _, _, message in self.heard:
            self.assertEqual([b"a"], message[3][11])
            self.assertEqual([b"b"], message[3][15])

    def test_what_the_proxy_is_told(self):
        """REQ-REQ-01, REQ-OPT-02: T' in the shortest form."""
        for args, number, value in (
                (("--profile", "07", "--collect", "60"), 2, "3c"),
                (("--profile", "07", "--collect", "300"), 2, "012c"),
                (("--collect", "60"), 65002, "3c")):
            process = subprocess.Popen(
                self.command("get", "--explain", "--json", *args),
                stdout=subprocess.PIPE, text=True)
            sent = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            options = {o["number"]: o.get("hex", "")
                       for o in sent["datagram"]["options"]}
            self.assertEqual(value, options[number])
            self.assertEqual({number, PROXY_URI}, set(options))

    def test_nobody_waits(self):
        """REQ-REQ-03, REQ-OPT-02."""
        for profile in ("seed", "07"):
            status, out, err = self.covey("get", "--profile", profile,
                                          "--collect", "0", "--margin", "0.3")
            self.assertEqual((0, "", ""), (status, out, err))
            self.wait(lambda: self.heard)
            self.assertEqual([b"\x1a"],
                             self.heard.pop()[2][3][NO_RESPONSE])

    def test_interrupted_is_stopped_early(self):
        process = subprocess.Popen(
            self.command("get", "--collect", "60", "--profile", "07"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(0, process.returncode)
        p.wait_until(lambda: self.proxy.metrics()["stopped"] == 1)
        self.assertEqual(1, len(self.heard))

    def test_one_of_them_later(self):
        """REQ-C-02: through the proxy, and directly."""
        def serve(peer, request):
            peer.reply(request, "2.05", payload=b"alone")
        peer = kit.Peer(self, serve, "127.0.0.3")
        status, out, _ = self.covey("get", uri=peer.uri + "/x")
        self.assertEqual((0, "alone"), (status, out))
        status, out, _ = kit.run("get", peer.uri + "/x")
        self.assertEqual((0, b"alone"), (status, out))
        self.assertEqual(2, len(peer.requests()))
        for request in peer.requests():
            self.assertEqual([b"x"], request.all(11))
            self.assertEqual([], request.all(PROXY_URI))

    def test_observation_and_its_end(self):
        """REQ-OBS-01, -03: notifications beyond T', in order per server, then
        the servers are told under the same token."""
        process = subprocess.Popen(
            self.command("observe", "--collect", "1", "--margin", "0.2",
                         "--json"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(SERVERS):
            process.stdout.readline()
        request, proxy, _ = self.heard[0]
        threading.Event().wait(1.3)
        for sequence in (3, 2, 4):
            self.notify(1, request, proxy, [(OBSERVE, bytes([sequence]))],
                        b"n%d" % sequence)
        for text in ("n3", "n4"):
            answer = json.loads(process.stdout.readline())
            self.assertEqual(text, answer["payload"]["text"])
            self.assertEqual(f"127.0.0.3:{self.servers.port}",
                             answer["origin"])
        process.send_signal(signal.SIGINT)
        self.assertEqual("", process.communicate(timeout=60)[1])
        self.assertEqual(0, process.returncode)
        self.wait(lambda: len(self.heard) == 2)
        cancel = self.heard[1]
        self.assertEqual([b"\1"], cancel[2][3][OBSERVE])
        self.assertEqual(p.read(request)[2], cancel[2][2])
        self.assertEqual([b"a"], cancel[2][3][11])
        self.assertEqual(0, self.proxy.metrics()["late"])

    def test_observation_without_notifications(self):
        self.reply = lambda i, request, proxy, message: self.notify(
            i, request, proxy, [])
        status, out, err = self.covey("observe", "--collect", "1", "--margin",
                                      "0.2")
        self.assertEqual((0, SERVERS), (status, len(out.splitlines())))
        self.assertIn("not observable", err)

    def test_client_that_is_killed(self):
        """REQ-OBS-03: its first answer that is rejected ends the observation
        at every server."""
        client = self.proxy.client()
        self.addCleanup(client.close)
        client.send(server_kit.message(
            1, [(OBSERVE, b""), (PROXY_URI, self.servers.uri("a")),
                (65002, b"\1")], kit.NON))
        answers = [client.recv(999) for _ in range(SERVERS)]
        client.send(b"\x70\0" + answers[0][2:4])
        p.wait_until(lambda: self.proxy.metrics()["stopped"] == 1)
        request, proxy, _ = self.heard[0]
        for i in range(SERVERS):
            self.notify(i, request, proxy, [(OBSERVE, b"\x09")])
        self.wait(lambda: self.resets == SERVERS)

    def test_unicast_observation_and_its_end(self):
        asked = []

        def serve(peer, request):
            if request.code == 0:
                return
            asked.append(request)
            peer.reply(request, "2.05", [(OBSERVE, b"\5")] if
                       request.all(OBSERVE) == [b""] else [], b"v")
        peer = kit.Peer(self, serve, "127.0.0.3")
        status, out, err = self.covey("observe", "--count", "1",
                                      uri=peer.uri + "/x")
        self.assertEqual((0, "v\n", ""), (status, out, err))
        self.assertEqual([[b""], [b"\1"]], [r.all(OBSERVE) for r in asked])
        self.assertEqual(asked[0].token, asked[1].token)

    def test_proxy_that_refuses(self):
        """What has no origin is the proxy's own word, and the end."""
        status, out, err = self.covey("get", "--collect", "60",
                                      uri="coap://224.0.1.188/")
        self.assertEqual((1, ""), (status, out))
        self.assertIn("the proxy at 127.0.0.1", err)
        self.assertIn("4.01 Unauthorized: not allowed", err)
        status, out, _ = self.covey("get", "--json", uri="coap://224.0.1.1/")
        self.assertIsNone(json.loads(out)["origin"])
        self.assertEqual(1, status)

    def test_discover(self):
        self.reply = lambda i, request, proxy, message: self.notify(
            i, request, proxy, [(12, b"\x28")], b"</x>;rt=y")
        for status, out, _ in self.covey_all(*(
                self.command("discover", "--collect", "1", "--margin", "0.2",
                             uri=self.servers.uri(x).decode())
                for x in ("", "?rt=y", ".well-known/core?rt=y"))):
            self.assertEqual((0, SERVERS), (status, out.count("/x rt=")))
        queries = []
        for _, _, message in self.heard:
            self.assertEqual([b".well-known", b"core"], message[3][11])
            queries += message[3].get(15, [])
        self.assertEqual([b"rt=y"] * 2, queries)


class Strange(unittest.TestCase):
    """Proxies that are not ours."""

    def through(self, *args, uri="coap://224.0.1.187:9/a"):
        got = kit.run(*args[:1], "--proxy", self.peer.uri, *args[1:], uri)
        return got[0], [json.loads(x) for x in got[1].splitlines()], got[2]

    def test_origin_that_cannot_be(self):
        """REQ-OPT-06: the answer is there, its origin is unknown."""
        def answer(peer, request):
            for value in UNKNOWN_FORMS:
                peer.separate(request, "2.05", [(248, value)], b"x", kit.NON)
            for text in (b"", b"x", b"coap://lamp", b"coap://1.2.3.4/a",
                         b"coap://1.2.3.4?q", b"coap://[fe80::1%25lo]"):
                peer.separate(request, "2.05", [(65004, text)], b"x", kit.NON)
            peer.separate(request, "2.05", [(65004, b"coap://1.2.3.4")], b"x",
                          kit.NON)
        self.peer = kit.Peer(self, answer)
        status, answers, _ = self.through("get", "--json", "--non",
                                          "--collect", "1", "--margin", "0.2")
        self.assertEqual((0, len(UNKNOWN_FORMS) + 7), (status, len(answers)))
        self.assertEqual([None] * (len(answers) - 1) + ["1.2.3.4:9"],
                         [a["origin"] for a in answers])

    def test_margin_is_over(self):
        """REQ-REQ-01: T' < T, and the token is free at T: what comes later is
        met with a Reset, and not told."""
        def answer(peer, request):
            if request.code == 0:
                return
            peer.separate(request, "2.05", [(65004, b"coap://1.2.3.4")],
                          b"in time", kit.NON)
            threading.Event().wait(1.6)
            peer.separate(request, "2.05", [(65004, b"coap://1.2.3.5")],
                          b"late", kit.NON)
        self.peer = kit.Peer(self, answer)
        status, answers, _ = self.through("get", "--json", "--non",
                                          "--collect", "1", "--margin", "0.5")
        self.assertEqual((0, ["in time"]), (status, [
            a["payload"]["text"] for a in answers]))

    def test_acknowledged_or_not(self):
        def answer(peer, request):
            if len(peer.received) == 1:
                peer.empty(request, kit.ACK)
        self.peer = kit.Peer(self, answer)
        status, answers, err = self.through("get", "--json", "--collect", "1",
                                            "--margin", "0.1")
        self.assertEqual((4, []), (status, answers))
        self.assertIn("no answer", err)

    def test_connection_to_nobody(self):
        port = ports.free()
        status, _, err = kit.run("get", "--proxy", f"coap://127.0.0.1:{port}",
                                 "--collect", "9", "coap://224.0.1.187/")
        self.assertEqual(4, status)
        self.assertIn(f"nobody is at 127.0.0.1:{port}", err)


class Unknown(unittest.TestCase):
    """A proxy that stands for a group, and nobody knew."""

    def asked(self, *args):
        def answer(peer, request):
            if not request.all(2):
                peer.reply(request, "4.00", [(2, b"")], b"how long?")
            elif request.type == kit.CON:
                peer.empty(request, kit.ACK)
                for i in (1, 2):
                    peer.separate(request, "2.05", [
                        (248, b"\x82\x20\x81\x44\1\2\3" + bytes([i]))], b"x",
                        kit.NON)
        peer = kit.Peer(self, answer)
        return peer, *kit.run("get", "--json", *args, peer.uri + "/r")

    def test_asked_again_if_that_is_allowed(self):
        """REQ-C-03."""
        peer, status, out, _ = self.asked("--collect", "0.8")
        self.assertEqual(0, status)
        self.assertEqual(["1.2.3.1:5683", "1.2.3.2:5683"],
                         [json.loads(x)["origin"] for x in out.splitlines()])
        first, second = peer.requests()
        self.assertEqual(([b"r"], [b"\1"]), (second.all(11), second.all(2)))
        self.assertNotEqual(first.token, second.token)

    def test_told_if_it_is_not(self):
        """REQ-C-03."""
        peer, status, out, _ = self.asked()
        self.assertEqual((1, 1), (status, len(peer.requests())))
        self.assertEqual("4.00", json.loads(out)["code"])


class Usage(unittest.TestCase):
    def test_what_is_refused(self):
        proxy = ("--proxy", "coap://127.0.0.1")
        group = "coap://224.0.1.187/"
        for args, why in (
                (("--profile", "07", group), "for a --proxy"),
                (("--margin", "1", group), "for a --proxy"),
                (("--proxy-state", "x", *proxy, group), "--proxy-context"),
                (("--collect", "0", group), "for a --proxy"),
                (("--collect", "1.5", *proxy, group), "whole seconds"),
                (("--profile", "06", *proxy, group), "seed or 07"),
                (("--margin", "0", *proxy, group), "seconds"),
                (("--proxy", "coap://224.0.1.1", group), "a group is none"),
                (("--proxy", "coap://127.0.0.1/x", group), "scheme, host"),
                (("--proxy", "127.0.0.1", group), "127.0.0.1"),
                ((*proxy, "coap://224.0.1.187/#a"), "not a URI"),
                ((*proxy, "coap://224.0.1.187/" + "a" * 1034), "1034 bytes"),
                (("--proxy-context", "/nonexistent", *proxy, group), "")):
            with self.subTest(args=args):
                status, out, err = kit.run("get", *args)
                self.assertIn(status, (2, 4) if not why else (2,))
                self.assertEqual(b"", out)
                self.assertIn(why, err)


if __name__ == "__main__":
    unittest.main()
