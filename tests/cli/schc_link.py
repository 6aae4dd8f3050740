# SPDX-License-Identifier: BSD-2-Clause
"""covey-server and covey get over a thin link: SCHC packets in datagrams."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import server_kit as kit

PROGRAM, COVEY, RULES = sys.argv[1:4]
RESOURCES = """resources:
- {path: /temperature, type: static, value: '22.3', etag: false}
- {path: /humidity, type: value, value: '40', etag: false, observable: true}
- {path: /elsewhere, type: static, value: far away}
"""
LISTEN = re.compile(r" server\.listen what=\S+:(\d+)$", re.M)


def thin_rules(fallback=True):
    """The sensor's rules for Message IDs from 0 to 255 and tokens of one
    byte, which is what makes them short; with or without the last one."""
    with open(RULES, encoding="utf-8") as file:
        rules = json.load(file)
    entries = rules["ietf-schc:schc"]["rule"]
    for rule in entries:
        for entry in rule.get("entry", ()):
            if entry["field-id"] == "fid-coap-mid":
                entry["target-value"] = [{"index": 0, "value": "0000"}]
                entry["matching-operator"] = "mo-msb"
                entry["matching-operator-value"] = [{"index": 0,
                                                     "value": "08"}]
                entry["comp-decomp-action"] = "cda-lsb"
    if not fallback:
        del entries[-1]
    return json.dumps(rules)


class Relay(threading.Thread):
    """The wire between a client and a server, and what was on it."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(("127.0.0.1", port))
        self.seen = []
        self.client = None
        self.port = self.front.getsockname()[1]
        threading.Thread(target=self.up, daemon=True).start()
        self.start()

    def run(self):
        while True:
            packet, self.client = self.front.recvfrom(2000)
            self.seen.append(("down", packet))
            self.back.send(packet)

    def up(self):
        while True:
            packet = self.back.recv(2000)
            self.seen.append(("up", packet))
            self.front.sendto(packet, self.client)


class Link(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.rules = self.file("rules.json", thin_rules())

    def file(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def server(self, rules=None):
        text = ("schc:\n- {address: '127.0.0.1:0', rules: "
                f"{rules or self.rules}, sends: up, message_ids: 0-255}}\n")
        server = kit.Server(PROGRAM, text + RESOURCES)
        self.addCleanup(server.own.cleanup)
        self.addCleanup(server.process.wait)
        self.addCleanup(server.process.kill)
        self.addCleanup(server.process.stderr.close)
        return server, server.ports[2]

    def covey(self, verb, port, path, *args, rules=None, check=0):
        got = subprocess.run(
            [COVEY, verb, "--schc", rules or self.rules, "--token-length",
             "1", "--message-ids", "0-255", *args,
             f"coap://127.0.0.1:{port}/{path}"],
            capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(check, got.returncode, got.stderr)
        return got

    def schc(self, verb, direction, text):
        return subprocess.run(
            [COVEY, "schc", verb, "--rules", self.rules, "--direction",
             direction, text],
            capture_output=True, text=True, check=True,
            timeout=60).stdout.strip()

    def test_wire_has_what_the_compressor_makes(self):
        server, port = self.server()
        relay = Relay(port)
        got = self.covey("get", relay.port, "temperature", "--explain",
                         "--json")
        rows = [json.loads(line) for line in got.stdout.splitlines()]
        told = [(r["what"], r["schc"]) for r in rows if "schc" in r]
        self.assertEqual(["sent", "received"], [what for what, _ in told])
        self.assertEqual([p.hex() for _, p in relay.seen],
                         [schc["packet"] for _, schc in told])
        for way, packet in relay.seen:
            self.assertLessEqual(len(packet), 8)
            message = self.schc("decompress", way, packet.hex())
            self.assertEqual(packet.hex(),
                             self.schc("compress", way, message))
        self.assertEqual(0, told[0][1]["rule_id"])
        self.assertEqual(2, told[0][1]["rule_id_length"])
        self.assertEqual(b"22.3".hex(),
                         self.schc("decompress", "up",
                                   relay.seen[1][1].hex())[-8:])
        _, said = server.stop()
        self.assertRegex(said, r"schc\.link sent=1 sent_bytes=\d .* "
                               r"sent_whole=0 not_sent=0 received=1 ")

    def test_several_devices(self):
        servers = [self.server() for _ in range(3)]
        for _, port in servers:
            self.assertEqual("22.3",
                             self.covey("get", port, "temperature").stdout)
        self.covey("put", servers[1][1], "humidity")
        self.assertEqual("40",
                         self.covey("get", servers[0][1], "humidity").stdout)
        self.assertEqual("", self.covey("get", servers[1][1],
                                        "humidity").stdout)

    def test_what_no_rule_fits_goes_whole(self):
        _, port = self.server()
        got = self.covey("get", port, "elsewhere", "--explain")
        self.assertEqual("far away", got.stdout)
        self.assertIn("rule 7/3", got.stderr)
        self.assertRegex(got.stderr, r"# sent: \d+ bytes of messages in \d+ "
                                     r"of 1 packets, 1 of them whole")

    def test_without_that_rule_it_does_not_go(self):
        rules = self.file("strict.json", thin_rules(fallback=False))
        server, port = self.server(rules)
        self.assertEqual("22.3", self.covey("get", port, "temperature",
                                            rules=rules).stdout)
        got = self.covey("get", port, "elsewhere", rules=rules, check=1)
        self.assertIn("no rule of", got.stderr)
        # The server has no rule for its answer either: silence.
        got = self.covey("get", port, "elsewhere", "--timeout", "0.5",
                         check=4)
        self.assertIn("no answer", got.stderr)
        _, said = server.stop()
        self.assertRegex(said, r"refused=[1-9]")

    def test_message_ids_stay_in_their_range(self):
        _, port = self.server()
        got = self.covey("get", port, "temperature", "--explain", "--json")
        ids = [json.loads(line)["datagram"]["message_id"]
               for line in got.stdout.splitlines() if '"datagram"' in line]
        self.assertEqual(2, len(ids))
        self.assertTrue(all(0 <= i < 256 for i in ids), ids)

    def test_malformed_packets_are_dropped(self):
        server, port = self.server()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", port))
            for first in range(256):
                for rest in (b"", b"\x00", b"\xff" * 3, b"\x80" * 40):
                    s.send(bytes([first]) + rest)
            s.send(b"")
        # Plain CoAP is nothing here, and packets are nothing to plain CoAP.
        plain = subprocess.run([COVEY, "get", "--timeout", "0.5",
                                f"coap://127.0.0.1:{port}/temperature"],
                               capture_output=True, check=False, timeout=60)
        self.assertEqual(4, plain.returncode)
        self.assertEqual("22.3",
                         self.covey("get", port, "temperature").stdout)
        status, said = server.stop()
        self.assertEqual(0, status)
        self.assertRegex(said, r"refused=[1-9]\d")

    def test_observation_and_blocks(self):
        _, port = self.server()
        with subprocess.Popen(
                [COVEY, "observe", "--schc", self.rules, "--count", "2",
                 f"coap://127.0.0.1:{port}/humidity"],
                stdout=subprocess.PIPE, text=True) as observer:
            self.assertEqual("40", observer.stdout.readline().strip())
            self.covey("put", port, "humidity")
            self.assertEqual("", observer.communicate(timeout=60)[0].strip())

    def test_usage(self):
        for args in (("--schc-sends", "up"), ("--schc", "/no/such"),
                     ("--schc", self.rules, "--schc-sends", "left"),
                     ("--message-ids", "1-255"), ("--token-length", "9")):
            got = subprocess.run([COVEY, "get", *args, "coap://127.0.0.1/"],
                                 capture_output=True, check=False,
                                 timeout=60)
            self.assertIn(got.returncode, (2, 4))
        for more in ("message_ids: 0-254", "rules: 1", "sends: both",
                     "address: 224.0.1.187"):
            text = f"schc: [{{{more}}}]\n{RESOURCES}"
            got = subprocess.run([PROGRAM, "--config", "-",
                                  "--check-config"], input=text, text=True,
                                 capture_output=True, check=False,
                                 timeout=60)
            self.assertEqual(1, got.returncode)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
