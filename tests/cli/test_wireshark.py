# SPDX-License-Identifier: BSD-2-Clause
"""The dissector of SCHC in tshark, beside covey's own decompressor."""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from test_coap_tshark import ipv4, write_pcap

COVEY, SHARE = "", Path()
ROOT = Path(__file__).resolve().parents[2]
DEVICE, OTHER = 40001, 40002
FIELDS = ["schc.packet", "schc.rule", "schc.direction", "schc.saved",
          "schc.residue", "schc.sent", "schc.elided", "schc.padding",
          "_ws.expert.message", "coap.code", "coap.opt.uri_path", "coap.mid"]


def datagram(packet, port):
    head = DEVICE.to_bytes(2, "big") + port.to_bytes(2, "big")
    return ipv4(17, head + (8 + len(packet)).to_bytes(2, "big") + bytes(2) +
                packet)


def tshark(packets, *options, rules=None, fields=tuple(FIELDS)):
    """One dictionary of lists per SCHC packet (bytes, from the device)."""
    with tempfile.TemporaryDirectory() as home:
        path = os.path.join(home, "schc.pcap")
        with open(path, "wb") as file:
            write_pcap(file, [datagram(p, OTHER) for p in packets])
        command = ["tshark", "-n", "-r", path, "-X",
                   f"lua_script:{SHARE}/wireshark/schc.lua",
                   "-d", f"udp.port=={OTHER},schc", "-T", "fields",
                   "-E", "separator=|", "-E", "aggregator=;"]
        if rules:
            command += ["-o", f"schc.rules:{rules}"]
        for option in options:
            command += ["-o", option]
        for field in fields:
            command += ["-e", field]
        done = subprocess.run(command, capture_output=True, text=True,
                              check=True, env={**os.environ, "HOME": home})
    if "lua" in done.stderr.lower():
        raise AssertionError(done.stderr)
    rows = [[v.split(";") if v else [] for v in line.split("|")]
            for line in done.stdout.splitlines()]
    assert len(rows) == len(packets), done.stdout
    return [dict(zip(fields, row)) for row in rows]


def covey(verb, rules, direction, packet, *more):
    """What covey schc prints; None if it refuses."""
    done = subprocess.run(
        [COVEY, "schc", verb, "--rules", rules, "--direction", direction,
         "--no-profile", "--lossy", "allow", *more, packet],
        capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def rule_ids(document):
    """RuleIDs, each with its bits."""
    inner = document.get("ietf-schc:schc", document)
    return [(r["rule-id-value"], r["rule-id-length"])
            for r in inner.get("rule", inner.get("rules", ()))]


class Dissector(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def rules(self, document):
        path = tempfile.mktemp(dir=self.folder.name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        return path

    def test_vectors_of_the_drafts(self):
        groups = {}  # those with the same rules, stack and direction
        for file in sorted((ROOT / "tests/vectors/schc").glob("*.json")):
            document = json.loads(file.read_text(encoding="utf-8"))
            for v in document["vectors"]:
                if v.get("round_trip_identical"):
                    rules = [v["rule_object"]] if "rule_object" in v \
                        else document["rules"]
                    key = (json.dumps({"rules": rules}), v["stack"],
                           v["direction"])
                    groups.setdefault(key, []).append(v)
        for (rules, stack, direction), vectors in groups.items():
            rows = tshark([bytes.fromhex(v["schc_packet_hex"])
                           for v in vectors], f"schc.direction:{direction}",
                          f"schc.stack:{stack}",
                          rules=self.rules(json.loads(rules)))
            for v, row in zip(vectors, rows):
                with self.subTest(vector=v["name"]):
                    self.assertEqual([v["packet_hex"]], row["schc.packet"])
        self.assertGreater(sum(map(len, groups.values())), 20)

    def test_every_rule_file_bit_for_bit(self):
        """Packets with each RuleID and random bits behind it: either both
        give the same packet, or both give none."""
        draw = random.Random(8724)
        given = 0
        for file in sorted((SHARE / "rules").glob("*.json")):
            document = json.loads(file.read_text(encoding="utf-8"))
            for direction in ("up", "down"):
                packets = []
                for number, bits in rule_ids(document):
                    width = 8 * draw.randrange(5, 90)
                    value = draw.getrandbits(width - bits)
                    value |= number << width - bits
                    packets.append(value.to_bytes(width // 8, "big"))
                rows = tshark(packets, f"schc.direction:{direction}",
                              rules=file, fields=("schc.packet",))
                for packet, row in zip(packets, rows):
                    ours = covey("decompress", file, direction, packet.hex())
                    given += ours is not None
                    with self.subTest(file=file.name, packet=packet.hex(),
                                      direction=direction):
                        self.assertEqual([ours] if ours else [],
                                         row["schc.packet"][:1])
        self.assertGreater(given, 20)

    def test_bits_are_where_explain_has_them(self):
        file = SHARE / "rules" / "coap-sensor.json"
        packet = covey("compress", file, "down",
                       "410112347abb74656d7065726174757265")
        told = json.loads(covey("explain", file, "down", packet,
                                "--compressed", "--json"))
        row, = tshark([bytes.fromhex(packet)], "schc.direction:down",
                      rules=file)
        text = subprocess.run(
            [COVEY, "schc", "explain", "--rules", file, "--direction", "down",
             "--compressed", packet], capture_output=True, text=True,
            check=True).stdout
        self.assertIn("rule 0/2", text)
        self.assertEqual(["0/2"], row["schc.rule"])
        sent = [f for f in told["fields"] if f["residue_bits"]]
        self.assertEqual("".join(f["residue"] for f in sent),
                         row["schc.residue"][0])
        self.assertEqual([f["field"] for f in sent],
                         [s.split(":")[0] for s in row["schc.sent"]])
        self.assertEqual([f["field"] for f in told["fields"]
                          if not f["residue_bits"]],
                         [s.split(":")[0] for s in row["schc.elided"]])
        self.assertEqual([str(17 - 5)], row["schc.saved"])
        self.assertEqual([str(0x1234)], row["coap.mid"])
        self.assertEqual(["temperature"], row["coap.opt.uri_path"])
        tree = self.tree(packet, file)
        for f in sent:
            first, last = f["residue_offset"], f["residue_offset"] + \
                f["residue_bits"] - 1
            self.assertIn(f"bits {first} to {last}: {f['residue']}", tree)

    def tree(self, packet, rules):
        path = os.path.join(self.folder.name, "one.pcap")
        with open(path, "wb") as file:
            write_pcap(file, [datagram(bytes.fromhex(packet), OTHER)])
        return subprocess.run(
            ["tshark", "-n", "-r", path, "-V", "-X",
             f"lua_script:{SHARE}/wireshark/schc.lua",
             "-d", f"udp.port=={OTHER},schc", "-o", f"schc.rules:{rules}",
             "-o", "schc.direction:down"],
            capture_output=True, text=True, check=True).stdout

    def test_ports_of_the_device_decide_the_direction(self):
        file = SHARE / "rules" / "coap-sensor.json"
        packet = bytes.fromhex("022468f400")
        for option, direction in ((f"schc.device:{DEVICE}", "up"),
                                  (f"schc.device:40000-{DEVICE},9", "up"),
                                  (f"schc.device:{OTHER}", "down"),
                                  ("schc.direction:down", "down")):
            row, = tshark([packet], option, rules=file)
            self.assertEqual([direction], row["schc.direction"], option)

    def test_ports_can_be_a_preference(self):
        file = SHARE / "rules" / "coap-sensor.json"
        row, = tshark([bytes.fromhex("022468f400")], "schc.direction:down",
                      f"schc.ports:{OTHER}", rules=file)
        self.assertEqual(["temperature"], row["coap.opt.uri_path"])

    def test_settings_of_the_file(self):
        """One entry with an index of one bit; the size of the whole value
        before LSB; base64; grouped paths."""
        document = json.loads((Path(__file__).parent /
                               "rules_everything.json").read_text("utf-8"))
        path = self.rules(document)
        packets = [(number << 512 - bits).to_bytes(64, "big")
                   for number, bits in rule_ids(document)]
        for direction in ("up", "down"):
            rows = tshark(packets, f"schc.direction:{direction}", rules=path)
            for packet, row in zip(packets, rows):
                ours = covey("decompress", path, direction, packet.hex())
                self.assertEqual([ours] if ours else [],
                                 row["schc.packet"][:1], packet.hex())

    def test_what_cannot_be_shown_is_said(self):
        file = SHARE / "rules" / "lwm2m.json"
        broken = os.path.join(self.folder.name, "broken.json")
        Path(broken).write_text("{]", encoding="utf-8")
        unknown = self.rules({"rules": [
            {"rule-id-value": 0, "rule-id-length": 2,
             "rule-nature": "nature-compression",
             "entry": [{"field-id": "fid-coap-wersion", "field-length": 2,
                        "matching-operator": "mo-ignore",
                        "comp-decomp-action": "cda-value-sent"}]}]})
        for rules, packet, expected in (
                (None, b"\0\1", "Set the preference schc.rules"),
                ("/does/not/exist", b"\0\1", "No such file"),
                (broken, b"\0\1", "broken.json"),
                (unknown, b"\0\1", "no field is called"),
                (self.rules({"rules": [
                    {"rule-id-value": 0, "rule-id-length": 2,
                     "rule-nature": "nature-no-compression"}]}),
                 b"\xfe\xff", "No rule has this RuleID"),
                (file, self.first_of(file), "ends within the residue")):
            row, = tshark([packet], rules=rules)
            with self.subTest(expected=expected):
                self.assertRegex(" ".join(row["_ws.expert.message"]),
                                 re.escape(expected))
                self.assertEqual([], row["schc.packet"])

    def first_of(self, file):
        """The RuleID of the first rule, and nothing behind it."""
        rule = json.loads(file.read_text("utf-8"))["ietf-schc:schc"]["rule"][0]
        bits = rule["rule-id-length"]
        return (rule["rule-id-value"] << -bits % 8).to_bytes(
            (bits + 7) // 8, "big")

    def test_padding_that_no_sender_adds(self):
        file = SHARE / "rules" / "coap-sensor.json"
        row, = tshark([bytes.fromhex("022468f401")], "schc.direction:down",
                      rules=file)
        self.assertRegex(" ".join(row["_ws.expert.message"]), "Padding")


if __name__ == "__main__":
    COVEY, SHARE = sys.argv.pop(1), Path(sys.argv.pop(1))
    if shutil.which("tshark") is None:
        sys.exit("tshark is missing: install Debian's package tshark")
    unittest.main()
