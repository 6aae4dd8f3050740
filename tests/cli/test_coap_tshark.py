# SPDX-License-Identifier: BSD-2-Clause
"""An independent decoder, tshark, must see in our messages what we say."""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import coap_compose as compose

COVEY = ""
FIELDS = ["coap.type", "coap.code", "coap.mid", "coap.token",
          "coap.opt.delta", "coap.opt.delta_ext", "coap.opt.length",
          "coap.opt.length_ext", "coap.payload_length"]
# Only of messages without line ends in them.
TEXTS = ["coap.opt.object_security_piv",
         "coap.opt.object_security_kid_context",
         "coap.opt.object_security_kid", "coap.opt.uri_host",
         "coap.opt.uri_path", "coap.opt.uri_query"]
CODES = [1, 2, 3, 4, 5, 6, 7, 65, 66, 67, 68, 69, 95, 128, 129, 132, 140, 160,
         163, 165]


def ipv4(protocol, rest):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(rest), 0, 0, 64,
                       protocol, 0, bytes([192, 0, 2, 1]),
                       bytes([192, 0, 2, 2])) + rest


def udp(port, data):
    return ipv4(17, struct.pack("!HHHH", port, 5683, 8 + len(data), 0) + data)


def tcp(port, data):
    return ipv4(6, struct.pack("!HHIIBBHHH", port, 5683, 1, 1, 0x50, 0x18,
                               65535, 0, 0) + data)


def write_pcap(file, packets):
    file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
    for number, packet in enumerate(packets):
        file.write(struct.pack("<IIII", number, 0, len(packet), len(packet)))
        file.write(packet)
    file.flush()


def tshark(packets, fields=tuple(FIELDS)):
    """One dictionary of lists per packet."""
    with tempfile.TemporaryDirectory() as home:
        path = os.path.join(home, "coap.pcap")
        with open(path, "wb") as file:
            write_pcap(file, packets)
        command = ["tshark", "-n", "-r", path, "-T", "fields",
                   "-E", "separator=|", "-E", "aggregator=;"]
        for field in fields:
            command += ["-e", field]
        out = subprocess.run(command, stdout=subprocess.PIPE, check=True,
                             stderr=subprocess.DEVNULL,
                             env={**os.environ, "HOME": home}).stdout
    rows = []
    for line in out.decode().splitlines():
        values = [v.split(";") if v else [] for v in line.split("|")]
        rows.append(dict(zip(fields, values)))
    return rows


def sizes(row, field):
    """Deltas or lengths: the four bits, with their extensions taken from the
    list of those in turn."""
    extensions = iter(row[field + "_ext"])
    out = []
    for text in row[field]:
        value = int(text)
        if value >= 13:
            value = int(next(extensions)) + (13 if value == 13 else 269)
        out.append(value)
    return out


def decode(*args):
    got = subprocess.run([COVEY, "coap", "decode", "--json", *args],
                         stdout=subprocess.PIPE, check=True).stdout
    return json.loads(got)


def encode(*args):
    got = subprocess.run([COVEY, "coap", "encode", *args],
                         stdout=subprocess.PIPE, check=True).stdout
    return bytes.fromhex(got.decode())


class Tshark(unittest.TestCase):
    def compare(self, ours, row):
        self.assertEqual(ours["token"],
                         "".join(row["coap.token"]).replace(":", ""))
        number = 0
        numbers = []
        for delta in sizes(row, "coap.opt.delta"):
            number += delta
            numbers.append(number)
        self.assertEqual([o["number"] for o in ours["options"]], numbers)
        self.assertEqual([len(o["hex"]) // 2 for o in ours["options"]],
                         sizes(row, "coap.opt.length"))
        payload = ours.get("payload", {}).get("hex", "")
        self.assertEqual(len(payload) // 2,
                         int((row["coap.payload_length"] or ["0"])[0]))

    def messages(self):
        """Random ones, without what tshark 4.0 does not know (RFC 8974),
        treats across messages (blocks), or stops at (a malformed OSCORE
        value)."""
        rng = compose.generator()
        for number in range(80):
            _, _, mid, token, options, payload = compose.message(rng)
            options = [(n, b"\x09\x14" if n == 9 else v)
                       for n, v in options if n not in (19, 23, 27, 31)]
            yield (number % 4, CODES[number % len(CODES)], mid, token[:8],
                   options, payload)

    def test_datagrams(self):
        data = [compose.datagram(*m) for m in self.messages()]
        rows = tshark([udp(40000 + i, d) for i, d in enumerate(data)])
        self.assertEqual(len(data), len(rows))
        for one, row in zip(data, rows):
            with self.subTest(data=one.hex()):
                ours = decode(one.hex())
                self.assertEqual(["CON", "NON", "ACK", "RST"].index(
                    ours["type"]), int(row["coap.type"][0]))
                self.assertEqual(one[1], int(row["coap.code"][0]))
                self.assertEqual(ours["message_id"], int(row["coap.mid"][0]))
                self.compare(ours, row)

    def test_streams(self):
        data = [compose.stream(*m[1:2], *m[3:]) for m in self.messages()]
        rows = tshark([tcp(40000 + i, d) for i, d in enumerate(data)])
        self.assertEqual(len(data), len(rows))
        for one, row in zip(data, rows):
            with self.subTest(data=one.hex()):
                self.compare(decode("--stream", one.hex()), row)

    def test_what_we_encode(self):
        data = encode("-t", "non", "-c", "PUT", "-m", "0xabcd", "-T", "0102",
                      "-u", "coap://example.com/a/b%2Fc?x=1&y",
                      "-o", "Content-Format=50", "-o", "Request-Tag=aa",
                      "-o", "OSCORE=19 05 04 37cb0001 25",
                      "-p", "payload")
        row = tshark([udp(40000, data)], FIELDS + TEXTS)[0]
        self.assertEqual(["1"], row["coap.type"])
        self.assertEqual(["3"], row["coap.code"])
        self.assertEqual([str(0xabcd)], row["coap.mid"])
        self.assertEqual(["example.com"], row["coap.opt.uri_host"])
        self.assertEqual(["a", "b/c"], row["coap.opt.uri_path"])
        self.assertEqual(["x=1", "y"], row["coap.opt.uri_query"])
        ours = decode(data.hex())
        self.compare(ours, row)
        oscore = [o["oscore"] for o in ours["options"] if o["number"] == 9][0]
        for part, theirs in (("partial_iv", "piv"), ("kid", "kid"),
                             ("kid_context", "kid_context")):
            self.assertEqual(
                [oscore[part]], row["coap.opt.object_security_" + theirs])


if __name__ == "__main__":
    COVEY = sys.argv.pop(1)
    if shutil.which("tshark") is None:
        sys.exit("tshark is missing: install Debian's package tshark")
    unittest.main()
