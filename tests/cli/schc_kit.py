# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of `covey schc` share: running it, a rule set, packets.

The rule set is that of a small sensor behind IPv6, UDP and CoAP; it is built
here so that every expected bit below can be read next to its rule.
"""
import json
import os
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("COVEY_SHARED", ROOT.parent / "shared"))
COVEY = os.environ.get("COVEY", "covey")

DONE, NEGATIVE, USAGE, REFUSED, IO = range(5)

DEVICE = "20010db8000a00000000000000000003"
APP = "20010db8000a00000000000000000020"


def field(fid, length, values, mo, cda, position=1, msb=None,
          direction="di-bidirectional"):
    entry = {"field-id": "fid-" + fid, "field-length": length,
             "field-position": position, "direction-indicator": direction}
    if values is not None:
        entry["target-value"] = [{"index": i, "value": v}
                                 for i, v in enumerate(values)]
    entry["matching-operator"] = "mo-" + mo
    if msb is not None:
        entry["matching-operator-value"] = [{"index": 0, "value": msb}]
    entry["comp-decomp-action"] = "cda-" + cda
    return entry


def fixed(fid, length, value, **more):
    return field(fid, length, [value], "equal", "not-sent", **more)


def sent(fid, length, **more):
    return field(fid, length, None, "ignore", "value-sent", **more)


def computed(fid):
    return field(fid, 16, None, "ignore", "compute")


def listed(fid, length, values, **more):
    return field(fid, length, values, "match-mapping", "mapping-sent", **more)


def ip_udp():
    return [
        fixed("ipv6-version", 4, "06"), fixed("ipv6-trafficclass", 8, "00"),
        fixed("ipv6-flowlabel", 20, "000000"), computed("ipv6-payload-length"),
        fixed("ipv6-nextheader", 8, "11"), fixed("ipv6-hoplimit", 8, "40"),
        fixed("ipv6-devprefix", 64, DEVICE[:16]),
        fixed("ipv6-deviid", 64, DEVICE[16:]),
        fixed("ipv6-appprefix", 64, APP[:16]),
        fixed("ipv6-appiid", 64, APP[16:]),
        field("udp-dev-port", 16, ["90a0"], "equal", "not-sent"),
        fixed("udp-app-port", 16, "1633"), computed("udp-length"),
        computed("udp-checksum")]


def coap(types, codes):
    return [fixed("coap-version", 2, "01"),
            listed("coap-type", 2, types) if len(types) > 1
            else fixed("coap-type", 2, types[0]),
            fixed("coap-tkl", 4, "01"),
            listed("coap-code", 8, codes) if len(codes) > 1
            else fixed("coap-code", 8, codes[0]),
            field("coap-mid", 16, ["0100"], "msb", "lsb", msb=8),
            sent("coap-token", "fl-token-length")]


def compression(number, bits, entries):
    return {"rule-id-value": number, "rule-id-length": bits,
            "rule-nature": "nature-compression", "entry": entries}


def no_compression():
    return {"rule-id-value": 7, "rule-id-length": 3,
            "rule-nature": "nature-no-compression"}

def path():
    return [fixed("coap-option-uri-path", "fl-variable", "74656d70"),  # temp
            sent("coap-option-uri-path", "fl-variable", position=2)]


def document(rules, stack):
    return {"covey:stack": stack, "ietf-schc:schc": {"rule": rules}}


def coap_rules(fallback=True):
    """Rule 1/3: CON or NON, GET /temp/<x>; rule 2/3: ACK 2.05 or 4.04."""
    rules = [compression(1, 3, coap(["00", "01"], ["01"]) + path()),
             compression(2, 3, coap(["02"], ["45", "84"]))]
    return document(rules + ([no_compression()] if fallback else []), "coap")


def ip_rules(fallback=True):
    rules = [compression(1, 3, ip_udp() + coap(["00", "01"], ["01"]) + path()),
             compression(2, 3, ip_udp() + coap(["02"], ["45", "84"]))]
    return document(rules + ([no_compression()] if fallback else []),
                    "ipv6-udp-coap")


# CON GET /temp/a, Message ID 0x0142, token 7a; and its answer, "21".
GET = bytes.fromhex("41010142" "7a" "b474656d70" "0161")
ANSWER = bytes.fromhex("61450142" "7a" "ff" "3231")


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def udp(source, destination, pseudo, payload, offload=False):
    """UDP with its checksum; `offload`: only the pseudo-header's sum."""
    length = 8 + len(payload)
    head = struct.pack(">HHHH", source, destination, length, 0)
    start = pseudo + struct.pack(">IHBB", length, 0, 0, 17)
    if offload:
        total = checksum(start)
    else:
        total = ~checksum(start + head + payload) & 0xffff or 0xffff
    return head[:6] + struct.pack(">H", total) + payload


def ipv6(source, destination, ports, payload, **more):
    addresses = bytes.fromhex(source + destination)
    body = udp(*ports, addresses, payload, **more)
    return (struct.pack(">IHBB", 0x60000000, len(body), 17, 64) + addresses +
            body)


def ipv4(source, destination, ports, payload, fragment=0):
    addresses = bytes(source + destination)
    length = 8 + len(payload)
    body = udp(*ports, addresses, payload)
    return (struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 1, fragment, 64,
                        17, 0) + addresses + body)


UP = ipv6(DEVICE, APP, (0x90a0, 5683), GET)
DOWN = ipv6(APP, DEVICE, (5683, 0x90a0), ANSWER)

ETHERNET, RAW, SLL, SLL2, NULL, LOOP = 1, 101, 113, 276, 0, 108
MAC = bytes.fromhex("020202020202030303030303")


def frame(link, packet):
    """An IP packet as this link type captures it."""
    version = packet[0] >> 4
    ethertype = bytes.fromhex("86dd" if version == 6 else "0800")
    return {
        ETHERNET: MAC + ethertype,
        RAW: b"",
        228: b"", 229: b"",
        SLL: bytes.fromhex("00000001000602020202020200 00") + ethertype,
        SLL2: ethertype + bytes(2) + bytes.fromhex("00000002000100060202"
                                                   "020202020000")[:16],
        NULL: struct.pack("<I", 30 if version == 6 else 2),
        LOOP: struct.pack(">I", 24 if version == 6 else 2),
    }[link] + packet


def pcap(link, frames, order="<"):
    out = struct.pack(order + "IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link)
    for i, data in enumerate(frames):
        out += struct.pack(order + "IIII", i, 0, len(data), len(data)) + data
    return out


def pcapng(link, frames):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = len(body) + 12
        return struct.pack("<II", kind, size) + body + struct.pack("<I", size)

    out = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    out += block(1, struct.pack("<HHI", link, 0, 0))
    for data in frames:
        out += block(6, struct.pack("<IIIII", 0, 0, 0, len(data), len(data)) +
                     data)
    return out


class Case(unittest.TestCase):
    """A temporary folder, and `covey schc` run in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            path.write_text(json.dumps(content, indent=1), encoding="utf-8")
        return str(path)

    def run_covey(self, *args, stdin="", env=None):
        return subprocess.run(
            [COVEY, "schc", *map(str, args)], input=stdin,
            capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, **(env or {})})

    def covey(self, code, *args, **more):
        """Runs, insists on the exit code, returns standard output."""
        done = self.run_covey(*args, **more)
        self.assertEqual(done.returncode, code,
                         f"{args}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def refuses(self, code, says, *args, **more):
        """Runs, insists on the exit code and on what standard error says;
        nothing half-done on standard output."""
        done = self.run_covey(*args, **more)
        self.assertEqual(done.returncode, code,
                         f"{args}\n{done.stdout}\n{done.stderr}")
        self.assertIn(says, done.stderr)
        return done.stderr

    def usage(self, says, *args):
        """One clear line, with a hint."""
        text = self.refuses(USAGE, says, *args)
        self.assertEqual(len(text.splitlines()), 1, text)
        return text
