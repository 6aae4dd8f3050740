# SPDX-License-Identifier: BSD-2-Clause
"""covey get and its kin with peers that do what they like."""
import json
import select
import signal
import socket
import time
import unittest

import coap_compose as compose
import ports
import proxy_kit as proxy
import request_kit as kit
import server_kit as servers_kit


class Case(unittest.TestCase):
    def peer(self, answer):
        return kit.Peer(self, answer)

    def fails(self, status, words, *args):
        got, out, err = kit.run(*args)
        self.assertEqual((status, b""), (got, out), err)
        self.assertIn(words, err)


class Requests(Case):
    """What goes out."""

    def request(self, verb, *args, path="/a", **more):
        """args go before the URI, but the last of body=."""
        body = more.pop("body", ())
        peer = self.peer(lambda p, m: p.reply(m, "2.04"))
        status, _, err = kit.run(verb, *args, peer.uri + path, *body, **more)
        self.assertEqual(0, status, err)
        self.assertEqual(1, len(peer.received))
        return peer.received[0]

    def test_codes(self):
        for verb, code in (("get", 1), ("post", 2), ("put", 3), ("delete", 4),
                           ("fetch", 5), ("patch", 6), ("ipatch", 7)):
            with self.subTest(verb):
                self.assertEqual(code, self.request(verb).code)

    def test_types(self):
        self.assertEqual(kit.CON, self.request("get").type)
        self.assertEqual(kit.NON, self.request("get", "--non").type)

    def test_options_in_order(self):
        m = self.request("get", "--accept", "senml+cbor", "-O",
                         "If-None-Match", path="/x/y%20z?q=1&r")
        self.assertEqual([(5, b""), (kit.PATH, b"x"), (kit.PATH, b"y z"),
                          (kit.QUERY, b"q=1"), (kit.QUERY, b"r"),
                          (kit.ACCEPT, bytes([112]))], m.options)

    def test_content_formats(self):
        for name, number in (("text/plain", 0), ("JSON", 50), ("60", 60),
                             ("application/link-format", 40),
                             ("65535", 65535)):
            with self.subTest(name):
                m = self.request("put", "--content-format", name,
                                 body=("x",))
                self.assertEqual(number, m.uint(kit.FORMAT))

    def test_payload(self):
        self.assertEqual(b"text", self.request("put", body=("text",)).payload)
        self.assertEqual(b"\0\xff", self.request(
            "post", body=("-",), stdin=b"\0\xff").payload)
        with open(__file__, "rb") as file:
            text = file.read()[:1024]
        self.assertEqual(text, self.request(
            "put", body=("@" + __file__,)).payload if len(text) < 1024 else
            self.first_block())

    def first_block(self):
        peer = self.peer(lambda p, m: p.reply(m, "4.13"))
        kit.run("put", peer.uri, "@" + __file__)
        self.assertEqual((0, 1, 6), peer.received[0].block(kit.BLOCK1))
        return peer.received[0].payload

    def test_what_was_not_answered_is_sent_again(self):
        peer = self.peer(lambda p, m: len(p.received) == 2 and
                         p.reply(m, "2.05", payload=b"late"))
        self.assertEqual((0, b"late", ""), kit.run("get", peer.uri))
        self.assertEqual(peer.received[0].bytes, peer.received[1].bytes)


class Answers(Case):
    """What comes back."""

    def test_codes_and_exit_codes(self):
        for dotted, status, words in (
                ("2.01", 0, "2.01 Created"), ("2.30", 0, "2.30"),
                ("4.00", 1, "4.00 Bad Request"), ("4.30", 1, "4.30"),
                ("5.03", 1, "5.03 Service Unavailable")):
            with self.subTest(dotted):
                peer = self.peer(lambda p, m, d=dotted: p.reply(m, d))
                self.fails(status, words, "get", peer.uri)

    def test_location(self):
        peer = self.peer(lambda p, m: p.reply(m, "2.01", [
            (kit.LOCATION_PATH, b"rd"), (kit.LOCATION_PATH, b"7"),
            (20, b"a=b"), (20, b"c")]))
        self.assertEqual((0, b"", "2.01 Created /rd/7?a=b&c\n"),
                         kit.run("post", peer.uri))

    def test_diagnostics_do_nothing_to_a_terminal(self):
        peer = self.peer(lambda p, m: p.reply(m, "5.00", payload=b"\x1b[2J"))
        status, _, err = kit.run("get", peer.uri)
        self.assertEqual(1, status)
        self.assertNotIn("\x1b", err)

    def test_rejected(self):
        peer = self.peer(lambda p, m: p.empty(m, kit.RST))
        self.fails(4, "Reset", "get", peer.uri)

    def test_silence(self):
        peer = self.peer(lambda p, m: None)
        self.fails(4, "no answer", "get", "--timeout", "0.3", peer.uri)
        self.fails(4, "no answer", "get", "--non", "--timeout", "0.3",
                   peer.uri)

    def test_silence_after_the_acknowledgement(self):
        peer = self.peer(lambda p, m: p.empty(m, kit.ACK))
        self.fails(4, "no answer", "get", "--timeout", "0.3", peer.uri)

    def test_nobody_is_there(self):
        self.fails(4, "ICMP", "get", f"coap://127.0.0.1:{ports.free()}/")

    def test_next_address_of_a_name(self):
        """localhost is ::1 first, and the peer has only 127.0.0.1."""
        peer = self.peer(lambda p, m: p.reply(m, "2.05", payload=b"here"))
        status, out, _ = kit.run("get", f"coap://localhost:{peer.port}/")
        self.assertEqual((0, b"here"), (status, out))

    def test_no_such_host(self):
        self.fails(4, "nowhere.invalid", "get", "coap://nowhere.invalid/")

    def test_what_belongs_to_nothing_is_no_answer(self):
        def answer(peer, m):
            if m.code != kit.GET:
                return
            peer.send(b"\x99garbage")
            peer.send(compose.datagram(kit.NON, kit.code("2.05"), 1,
                                       m.token + b"x", [], b"token"))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(compose.datagram(
                    kit.NON, kit.code("2.05"), 2, m.token, [], b"port"),
                    peer.client)
            peer.reply(m, "2.05", payload=b"true")
        peer = self.peer(answer)
        self.assertEqual((0, b"true", ""), kit.run("get", peer.uri))

    def test_separate_response_is_acknowledged(self):
        def answer(peer, m):
            if m.code == kit.GET:
                peer.empty(m, kit.ACK)
                peer.separate(m, "2.05", payload=b"later")
        peer = self.peer(answer)
        self.assertEqual((0, b"later", ""), kit.run("get", peer.uri))
        until = time.monotonic() + 60
        while len(peer.received) < 2:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.01)
        self.assertEqual([(kit.ACK, peer.mid)],
                         [(m.type, m.mid) for m in peer.received[1:]])

    def test_critical_option_in_an_answer(self):
        peer = self.peer(lambda p, m: p.reply(m, "2.05", [(9999, b"")],
                                              b"look"))
        status, out, err = kit.run("get", peer.uri)
        self.assertEqual((1, b"look"), (status, out))
        self.assertIn("9999", err)

    def test_requests_to_a_client_are_rejected(self):
        def answer(peer, m):
            if m.code == kit.GET:
                peer.send(compose.datagram(kit.CON, kit.GET, 77, b"t", [],
                                           b""))
            elif m.type == kit.RST and m.mid == 77:
                peer.reply(peer.requests()[0], "2.05", payload=b"well")
        peer = self.peer(answer)
        self.assertEqual((0, b"well", ""), kit.run("get", peer.uri))

    def test_json(self):
        peer = self.peer(lambda p, m: p.reply(m, "2.05", [(kit.FORMAT, b"")],
                                              b'"x"'))
        status, out, _ = kit.run("get", "--json", peer.uri)
        shown = json.loads(out)
        self.assertEqual(0, status)
        self.assertEqual(1, out.count(b"\n"))
        self.assertEqual(
            ("answer", f"127.0.0.1:{peer.port}", "2.05", '"x"', False),
            (shown["what"], shown["origin"], shown["code"],
             shown["payload"]["text"], shown["protected"]))
        self.assertEqual("Content-Format", shown["options"][0]["name"])
        self.assertIn("delay_ms", shown)

    def test_explain_leaves_standard_output_alone(self):
        peer = self.peer(lambda p, m: p.reply(m, "2.05", payload=b"x"))
        status, out, err = kit.run("get", "--explain", peer.uri + "/here")
        self.assertEqual((0, b"x"), (status, out))
        self.assertEqual(2, err.count("framing:"))
        self.assertIn('Uri-Path = "here"', err)
        self.assertIn('payload:    "x"', err)

    def test_explain_as_json(self):
        peer = self.peer(lambda p, m: p.reply(m, "2.05", payload=b"x"))
        _, out, _ = kit.run("get", "--explain", "--json", peer.uri)
        shown = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(["sent", "received", "answer"],
                         [s["what"] for s in shown])
        self.assertEqual("GET", shown[0]["datagram"]["code_name"])

    def test_interrupted(self):
        peer = self.peer(lambda p, m: None)
        process = kit.start("get", peer.uri)
        while not peer.received:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(4, process.returncode)
        self.assertIn(b"stopped", err)


class Echo(Case):
    def test_repeated_with_its_value(self):
        def answer(peer, m):
            if m.all(kit.ECHO) == [b"\x01\x02"]:
                peer.reply(m, "2.05", payload=b"fresh")
            else:
                peer.reply(m, "4.01", [(kit.ECHO, b"\x01\x02")])
        peer = self.peer(answer)
        self.assertEqual((0, b"fresh", ""), kit.run("get", peer.uri))
        self.assertEqual(2, len(peer.received))

    def test_once_only(self):
        peer = self.peer(lambda p, m: p.reply(m, "4.01", [(kit.ECHO, b"1")]))
        self.fails(1, "4.01 Unauthorized", "get", peer.uri)
        self.assertEqual(2, len(peer.received))


class Blocks(Case):
    def test_body_that_changes_is_read_again(self):
        def answer(peer, m):
            num = (m.block(kit.BLOCK2) or (0, 0, 0))[0]
            new = len(peer.received) > 1
            body, etag = (b"N" * 20, b"2") if new else (b"O" * 20, b"1")
            peer.reply(m, "2.05", [
                (kit.ETAG, etag), (kit.BLOCK2, kit.block(num, num == 0, 0))],
                body[16 * num:16 * num + 16])
        peer = self.peer(answer)
        self.assertEqual((0, b"N" * 20, ""), kit.run("get", peer.uri))

    def test_blocks_out_of_order(self):
        peer = self.peer(lambda p, m: p.reply(m, "2.05", [
            (kit.BLOCK2, kit.block(2 * len(p.received) - 2, 1, 0))],
            b"x" * 16))
        self.fails(4, "RFC 7959", "get", peer.uri)

    def test_block_that_is_not_full(self):
        peer = self.peer(lambda p, m: p.reply(m, "2.05", [
            (kit.BLOCK2, kit.block(0, 1, 0))], b"x"))
        self.fails(4, "RFC 7959", "get", peer.uri)

    def test_server_wants_smaller_blocks(self):
        parts = []

        def answer(peer, m):
            num, more, szx = m.block(kit.BLOCK1)
            at = num * (16 << szx)
            parts.append((at, m.payload))
            peer.reply(m, "2.31" if more else "2.04",
                       [(kit.BLOCK1, kit.block(num, more, 2))])
        body = bytes(i % 251 for i in range(1500))
        peer = self.peer(answer)
        self.assertEqual((0, b"", "2.04 Changed\n"),
                         kit.run("put", peer.uri, "-", stdin=body))
        self.assertEqual(body, b"".join(p for _, p in parts))
        self.assertEqual(len(body), peer.received[0].uint(kit.SIZE1))
        self.assertEqual(2, peer.received[1].block(kit.BLOCK1)[2])

    def test_refused_in_the_middle(self):
        def answer(peer, m):
            if m.block(kit.BLOCK1)[0] == 0:
                peer.reply(m, "2.31", [(kit.BLOCK1, kit.block(0, 1, 6))])
            else:
                peer.reply(m, "4.13")
        peer = self.peer(answer)
        self.fails(1, "4.13", "put", peer.uri, "x" * 3000)
        self.assertEqual(2, len(peer.received))


class Pings(Case):
    def test_answered(self):
        peer = self.peer(lambda p, m: p.empty(m, kit.RST))
        status, out, _ = kit.run("ping", "--json", peer.uri)
        self.assertEqual(0, status)
        self.assertEqual("pong", json.loads(out)["what"])
        self.assertEqual((kit.CON, 0, 4),
                         (peer.received[0].type, peer.received[0].code,
                          len(peer.received[0].bytes)))

    def test_silence(self):
        peer = self.peer(lambda p, m: None)
        self.fails(4, "no answer", "ping", "--timeout", "0.3", peer.uri)

    def test_nobody_is_there(self):
        self.fails(4, "ICMP", "ping", f"coap://127.0.0.1:{ports.free()}")


class Discoveries(Case):
    def listed(self, payload):
        peer = self.peer(lambda p, m: p.reply(m, "2.05", [(kit.FORMAT, b"(")],
                                              payload))
        status, out, _ = kit.run("discover", peer.uri)
        self.assertEqual(0, status)
        self.assertEqual([b".well-known", b"core"],
                         peer.received[0].all(kit.PATH))
        return out.decode()

    def test_links(self):
        self.assertEqual(
            '/a title="x,y;<z>\\"" ct=0\n/b\n',
            self.listed(b'</a>;title="x,y;<z>\\"";ct=0,\n</b>'))

    def test_nothing(self):
        self.assertEqual("", self.listed(b""))

    def test_no_link_format(self):
        for payload in (b"junk", b"</a>,junk", b"</a", b"</a>x"):
            with self.subTest(payload):
                self.assertIn("not in link format", self.listed(payload))


class CommandLines(Case):
    def test_refusals(self):
        uri = "coap://127.0.0.1/"
        for words, *args in (
                ("a URI is missing", "get"),
                ("'http://h/'", "get", "http://h/"),
                ("fragment", "get", "coap://h/#f"),
                ("--trust is missing", "get", "coaps+tcp://127.0.0.1/"),
                ("interface", "get", "coap://[fe80::1]/"),
                ("no address", "get", "coap://[fe80::1%25nosuch]/"),
                ("no network interface", "get", "--interface", "nosuch", uri),
                ("unknown option '--frob'", "get", "--frob", uri),
                ("unknown option '--count'", "get", "--count", "1", uri),
                ("unknown option '--content-format'", "get",
                 "--content-format", "json", uri),
                ("--timeout: a value is missing", "get", uri, "--timeout"),
                ("expected seconds", "get", "--timeout", "0", uri),
                ("expected seconds", "get", "--timeout", "1s", uri),
                ("expected seconds", "get", "--timeout", "0.0001", uri),
                ("expected seconds", "get", "--timeout", "-1", uri),
                ("expected seconds", "get", "--timeout", "9999999", uri),
                ("1 and more", "observe", "--count", "0", uri),
                ("content format", "get", "--accept", "nonsense", uri),
                ("content format", "put", "--content-format", "65536", uri),
                ("NAME=VALUE", "get", "-O", "Nonsense=1", uri),
                ("a payload is not for this verb", "get", uri, "x"),
                ("a second payload", "put", uri, "x", "y"),
                ("for a --context", "get", "--state", "f", uri),
                ("for a --context", "get", "--number", "1", uri),
                ("2^40", "get", "--number", str(1 << 40), uri),
                ("observed through a", "observe", "coap://224.0.1.187/"),
                ("observed through a", "ping", "coap://224.0.1.187/")):
            with self.subTest(args):
                self.fails(2, words, *args)

    def test_files_that_are_not_there(self):
        self.fails(4, "/nonexistent", "put", "coap://127.0.0.1/",
                   "@/nonexistent")
        self.fails(4, "/nonexistent", "get", "--context", "/nonexistent",
                   "coap://127.0.0.1/")

    def test_help(self):
        for verb in ("get", "observe", "ping"):
            status, out, _ = kit.run("help", verb)
            self.assertEqual(0, status)
            self.assertIn(b"usage: covey get", out)

    def test_longer_than_a_datagram(self):
        args = []
        for _ in range(300):
            args += ["-O", "Uri-Query=" + "q" * 255]
        self.fails(2, "longer than a datagram", "get", *args,
                   "coap://127.0.0.1/")


class RestOfAnswers(Case):
    """Servers of a group that begin a large answer; what each does then."""

    def ask(self, *then):
        """then: functions of the servers, called with each request for the
        rest; (status, output, error)."""
        servers = proxy.Servers(len(then))
        self.addCleanup(servers.close)
        process = kit.start("get", "--interface", "lo", "--collect", "1",
                            f"coap://{proxy.GROUP}:{servers.port}/large")
        request, client = servers.hear()
        for which in range(len(then)):
            servers.answer(which, request, client,
                           options=[(kit.BLOCK2, kit.block(0, 1, 0))],
                           payload=b"0123456789abcdef")
        while process.poll() is None:
            for own in select.select(servers.own, [], [], 0.1)[0]:
                datagram, client = own.recvfrom(4096)
                got = then[servers.own.index(own)](kit.Message(datagram))
                if got is not None:
                    own.sendto(got, client)
        out, err = process.communicate()
        return process.returncode, out, err.decode()

    @staticmethod
    def reply(m, code, options=(), payload=b""):
        return servers_kit.message(kit.code(code), options, kit.ACK, m.mid,
                                   m.token, payload)

    def rest(self, m):
        self.assertEqual((kit.CON, 1, 0),
                         (m.type, m.code, m.block(kit.BLOCK2)[1]))
        return self.reply(m, "2.05", [(kit.BLOCK2, kit.block(1, 0, 0))],
                          b"rest")

    def with_echo(self, m):
        if m.all(kit.ECHO) != [b"fresh"]:
            return self.reply(m, "4.01", [(kit.ECHO, b"fresh")])
        return self.rest(m)

    def test_it_is_listed_as_a_whole(self):
        status, out, err = self.ask(self.rest, self.with_echo)
        self.assertEqual((0, ""), (status, err))
        lines = out.decode().splitlines()
        self.assertEqual(2, len(lines))
        for line in lines:
            self.assertTrue(line.endswith('"0123456789abcdefrest"'), line)

    def test_who_does_not_go_on_is_named(self):
        def reset(m):
            return bytes([0x70, 0]) + m.mid.to_bytes(2, "big")

        def gap(m):
            return self.reply(m, "2.05", [(kit.BLOCK2, kit.block(3, 0, 0))],
                              b"rest")
        for words, then in (("rejected by a Reset", reset),
                            ("do not make a body", gap)):
            with self.subTest(words):
                status, out, err = self.ask(then, self.rest)
                self.assertEqual(4, status)
                self.assertIn(words, err)
                self.assertIn("the rest of the answer of 127.0.0.2", err)
                self.assertEqual(1, len(out.splitlines()))

    def test_echo_is_brought_back_once(self):
        status, out, _ = self.ask(
            lambda m: self.reply(m, "4.01", [(kit.ECHO, b"other")]))
        self.assertEqual(1, status)
        self.assertIn(b"4.01", out)


if __name__ == "__main__":
    unittest.main()
