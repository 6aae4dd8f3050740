# SPDX-License-Identifier: BSD-2-Clause
"""covey coap as a person runs it: messages there and back in both notations,
bytes from arguments, and what it says when something is wrong."""
import json
import subprocess
import sys
import tempfile
import unittest

import coap_compose as compose

COVEY = ""


def run(*args, stdin=""):
    return subprocess.run([COVEY, "coap", *args], input=stdin.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)


def both_ways(test, data, framing=()):
    """Text and JSON of `data` must encode to `data`."""
    for notation in ("text", "json"):
        flags = ["--json"] if notation == "json" else []
        shown = run("decode", *framing, *flags, data.hex())
        test.assertEqual(0, shown.returncode, shown.stderr)
        back = run("encode", "--" + notation, "-",
                   stdin=shown.stdout.decode())
        test.assertEqual(0, back.returncode,
                         back.stderr + shown.stdout)
        test.assertEqual(data.hex(), back.stdout.decode().replace("\n", ""))


class RoundTrips(unittest.TestCase):
    def test_random_messages(self):
        rng = compose.generator()
        for _ in range(60):
            type_, code, mid, token, options, payload = compose.message(rng)
            with self.subTest(options=options, payload=payload):
                both_ways(self, compose.datagram(type_, code, mid, token,
                                                 options, payload))
                both_ways(self, compose.stream(code, token, options, payload),
                          ["--stream"])
                both_ways(self, bytes([code]) + compose.body(options, payload),
                          ["--inner"])

    def test_json_says_what_was_composed(self):
        rng = compose.generator()
        for _ in range(60):
            type_, code, mid, token, options, payload = compose.message(rng)
            data = compose.datagram(type_, code, mid, token, options, payload)
            shown = json.loads(run("decode", "--json", data.hex()).stdout)
            self.assertEqual(["CON", "NON", "ACK", "RST"][type_],
                             shown["type"])
            self.assertEqual(f"{code >> 5}.{code & 31:02}", shown["code"])
            self.assertEqual(mid, shown["message_id"])
            self.assertEqual(token.hex(), shown["token"])
            self.assertEqual([(n, v.hex()) for n, v in options],
                             [(o["number"], o["hex"])
                              for o in shown["options"]])
            self.assertEqual(payload.hex(),
                             shown.get("payload", {}).get("hex", ""))

    def test_messages_without_anything(self):
        both_ways(self, bytes.fromhex("40000001"))
        both_ways(self, bytes.fromhex("70000001"))
        both_ways(self, bytes.fromhex("0000"), ["--stream"])
        both_ways(self, bytes.fromhex("00"), ["--inner"])

    def test_the_longest_token_and_a_body_with_four_length_bytes(self):
        data = compose.stream(0x45, b"\x01" * 65804, [], b"\x02" * 70000)
        shown = run("decode", "--stream", "-", stdin=data.hex())
        self.assertEqual(0, shown.returncode)
        back = run("encode", stdin=shown.stdout.decode())
        self.assertEqual(data.hex() + "\n", back.stdout.decode())

    def test_several_messages_in_a_stream(self):
        data = bytes.fromhex("5245aabbc132ff7b7d" "00e1" "0000")
        both_ways(self, data, ["--stream"])

    def test_signals_have_options_of_their_own(self):
        """Their numbers are ETag, Observe and OSCORE elsewhere."""
        both_ways(self, bytes.fromhex("30e1" "2120" "20" "10e2" "20"
                                      "50e5" "2133" "521234"), ["--stream"])
        shown = run("decode", "--stream", "50e1" "220480" "2120").stdout
        self.assertIn(b"2 Max-Message-Size = 1152  # elective\n", shown)
        self.assertIn(b"4 Block-Wise-Transfer = h'20'  # elective\n", shown)
        self.assertIn(b"length 1 is outside 0 to 0 (RFC 8323)", shown)
        for data, line in (("10e3" "50", b"5 = h''"),
                           ("30e3" "920914", b"9 = h'0914'")):
            self.assertIn(line + b"  # critical, not known here\n",
                          run("decode", "--stream", data).stdout)
        self.assertEqual(2, run("encode", "--stream", "-c", "7.02",
                                "-o", "Uri-Path=a").returncode)

    def test_values_that_are_no_shortest_form_stay(self):
        # Content-Format 0032, Block2 000002, an Observe of five bytes.
        both_ways(self, bytes.fromhex("40010000" "650000000001"
                                      "620032" "b3000002"))


class FromArguments(unittest.TestCase):
    CASES = [
        (["-m", "1"], "40010001"),
        (["-t", "rst", "-c", "0.00", "-m", "0xffff"], "7000ffff"),
        (["-t", "NON", "-c", "2.05", "-T", "01 02"], "524500000102"),
        (["-u", "coap://h/a/b?c&d"], "40010000" "3168" "8161" "0162"
         "4163" "0164"),
        (["-u", "coap://192.0.2.1:9/"], "40010000"),
        (["-o", "Uri-Path=b", "-o", "Uri-Host=h", "-o", "uri-path=a"],
         "40010000" "3168" "8162" "0161"),
        (["-o", "Content-Format=50"], "40010000" "c132"),
        (["-o", "Content-Format=0"], "40010000" "c0"),
        (["-o", "12=0x0102"], "40010000" "c20102"),
        (["-o", "If-None-Match"], "40010000" "50"),
        (["-o", "EDHOC=empty"], "40010000" "d008"),
        (["-o", "Block1=1048575/1/7"], "40010000" "d30effffff"),
        (["-o", "Block1=0/0/0"], "40010000" "d00e"),
        (["-o", "ETag=0102"], "40010000" "420102"),
        (["-o", "OSCORE=h'0914'"], "40010000" "920914"),
        (["-o", "Uri-Path=h'00'"], "40010000" "b100"),
        (["-o", 'Uri-Path="a\\"\\\\\\n"'], "40010000" "b461225c0a"),
        (["-o", "Uri-Query=a=b"], "40010000" "d302613d62"),
        (["-o", "65535"], "40010000" "e0fef2"),
        (["-p", "hi"], "40010000" "ff6869"),
        (["-p", ""], "40010000"),
        (["--payload-hex", "00:ff"], "40010000" "ff00ff"),
        (["--inner", "-c", "POST", "-p", "x"], "02ff78"),
        (["--stream", "-c", "7.01", "-T", "aa"], "01e1aa"),
        (["--stream", "-c", "7.01", "-o", "Max-Message-Size=1152",
          "-o", "block-wise-transfer", "-o", "Extended-Token-Length=32"],
         "60e1" "220480" "20" "2120"),
        (["--stream", "-c", "7.04", "-o", "Alternative-Address=h:1",
          "-o", "Hold-Off=10"], "60e4" "23683a31" "210a"),
    ]

    def test_bytes(self):
        for args, want in self.CASES:
            with self.subTest(args=args):
                got = run("encode", *args)
                self.assertEqual(0, got.returncode, got.stderr)
                self.assertEqual(want + "\n", got.stdout.decode())

    def test_payload_from_a_file(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"\x00\xff")
            file.flush()
            got = run("encode", "--payload-file", file.name)
        self.assertEqual("40010000ff00ff\n", got.stdout.decode())

    def test_hex_as_people_paste_it(self):
        for text in ("40010000", "0x40 0x01 0x00 0x00", "40:01:00:00",
                     " 4001\n0000\r\n", "40\t01 0000"):
            self.assertEqual(0, run("decode", text).returncode, text)
            self.assertEqual(0, run("decode", "-", stdin=text).returncode,
                             text)
        self.assertEqual(0, run("decode", "40", "01", "00 00").returncode)


class Refusals(unittest.TestCase):
    MALFORMED = [
        ("", "byte 0 is missing", "RFC 7252 Section 3"),
        ("400100", "byte 3 is missing", "RFC 7252 Section 3"),
        ("00010000", "byte 0 is 0x00", "RFC 7252 Section 3"),
        ("4d010000", "byte 4 is missing", "RFC 8974 Section 2.1"),
        ("4e01000000", "byte 5 is missing", "RFC 8974 Section 2.1"),
        ("4f010000", "byte 0 is 0x4f", "RFC 8974 Section 2.1"),
        ("4801000001", "byte 5 is missing", "RFC 7252 Section 3"),
        ("41000000aa", "byte 0 is 0x41", "RFC 7252 Section 4.1"),
        ("4000000001", "byte 4 is 0x01", "RFC 7252 Section 4.1"),
        ("40010000ff", "byte 5 is missing", "RFC 7252 Section 3"),
        ("40010000b161f0", "byte 6 is 0xf0", "RFC 7252 Section 3.1"),
        ("400100001f", "byte 4 is 0x1f", "RFC 7252 Section 3.1"),
        ("40010000e000", "byte 6 is missing", "RFC 7252 Section 3.1"),
        ("400100000e00", "byte 6 is missing", "RFC 7252 Section 3.1"),
        ("40010000b2aa", "byte 6 is missing", "RFC 7252 Section 3.1"),
        ("40010000e0fef2e0fef2", "byte 7 is 0xe0", "RFC 7252 Sections 3.1"),
    ]
    STREAM = [
        ("0f01", "byte 0 is 0x0f", "RFC 8974"),
        ("3001b261", "byte 4 is missing", "the stream may continue"),
        ("f0000000", "byte 4 is missing", "RFC 8323 Section 3.2"),
        ("00e12001b361", "byte 6 is missing", "RFC 7252 Section 3.1"),
        ("01", "byte 1 is missing", "RFC 8323 Section 3.2"),
    ]

    def check(self, cases, *flags):
        for data, byte, section in cases:
            with self.subTest(data=data):
                for json_flag in ((), ("--json",)):
                    got = run("decode", *flags, *json_flag, data)
                    said = got.stderr.decode()
                    self.assertEqual(1, got.returncode)
                    self.assertIn(byte, said)
                    self.assertIn(section, said)
                    self.assertEqual(1, said.count("\n"))

    def test_malformed_messages_name_byte_and_section(self):
        self.check(self.MALFORMED)
        self.check(self.STREAM, "--stream")
        self.check([("", "byte 0", "RFC 8613 Section 5.3"),
                    ("0001", "byte 1 is 0x01", "RFC 7252 Section 4.1"),
                    ("01b2", "byte 2 is missing", "RFC 7252 Section 3.1")],
                   "--inner")

    def test_every_prefix_is_explained(self):
        rng = compose.generator()
        data = compose.datagram(*compose.message(rng)[:3], b"\x01" * 14,
                                [(11, b"abc"), (292, b"x" * 300)], b"")
        for end in range(0, len(data), 3):
            got = run("decode", data[:end].hex())
            self.assertIn(got.returncode, (0, 1))
            if got.returncode == 1:
                self.assertIn("byte", got.stderr.decode())

    USAGE = [
        ["decode"],
        ["decode", "4"],
        ["decode", "4g"],
        ["decode", "--nonsense", "40"],
        ["decode", "--kudos", "40010000"],
        ["decode", "--kudos"],
        ["nonsense"],
        ["encode", "40010000"],
        ["encode", "-t"],
        ["encode", "-t", "syn"],
        ["encode", "-c", "8.00"],
        ["encode", "-c", "2.32"],
        ["encode", "-c", "2.5"],
        ["encode", "-m", "65536"],
        ["encode", "-m", "-1"],
        ["encode", "-T", "abc"],
        ["encode", "-o", "Uri-Paht=x"],
        ["encode", "-o", "65536=00"],
        ["encode", "-o", "Content-Format=x"],
        ["encode", "-o", "Content-Format=4294967296"],
        ["encode", "-o", "Block2=1048576/0/0"],
        ["encode", "-o", "Block2=1/2/0"],
        ["encode", "-o", "Block2=1/0/8"],
        ["encode", "-o", "Block2=1"],
        ["encode", "-o", "ETag=1"],
        ["encode", "-o", "If-None-Match=1"],
        ["encode", "-o", "Uri-Path=h'0'"],
        ["encode", "-o", 'Uri-Path="a\\x"'],
        ["encode", "-u", "http://h/"],
        ["encode", "-u", "coap://h/a#b"],
        ["encode", "-u", "coap://h/../a"],
        ["encode", "-c", "0.00", "-T", "aa"],
        ["encode", "-c", "0.00", "-p", "x"],
        ["encode", "-p", "x", "--text", "-"],
        ["encode", "--json", "-", "--text", "-"],
    ]

    def test_wrong_command_lines(self):
        for args in self.USAGE:
            with self.subTest(args=args):
                got = run(*args)
                self.assertEqual(2, got.returncode, got.stderr)
                self.assertEqual(b"", got.stdout)
                self.assertEqual(1, got.stderr.count(b"\n"))

    def test_hex_errors_name_the_character(self):
        self.assertIn(b"character 4", run("decode", "400g").stderr)
        self.assertIn(b"character 6", run("decode", "40010").stderr)
        self.assertIn(b"character 5", run("decode", "40 0 1").stderr)

    TEXT = [
        ("", "no message"),
        ("# nothing\n", "no message"),
        ("type: CON\nfoo: 1\n", "line 2"),
        ("nonsense\n", "line 1"),
        ("\n\ntype: SYN\n", "line 3"),
        ("code: 9.99\n", "line 1"),
        ("message-id: 65536\n", "line 1"),
        ("token: h'0'\n", "line 1"),
        ("token: 0\n", "line 1"),
        ("type: CON\ntype: CON\n", "second time"),
        ("framing: pigeon\n", "line 1"),
        ("option: 11\n", "line 1"),
        ("option: 11 Uri-Query = a\n", "not called"),
        ("option: 12 = x\n", "line 1"),
        ('option: 11 = "a\\q"\n', "line 1"),
        ("payload: text\n", "line 1"),
        ("payload: h'zz'\n", "line 1"),
        ("code: 0.00\npayload: \"x\"\n", "RFC 7252 Section 4.1"),
        ("framing: datagram\nframing: datagram\n", "only streams"),
    ]

    def test_wrong_text(self):
        for text, said in self.TEXT:
            with self.subTest(text=text):
                got = run("encode", "--text", "-", stdin=text)
                self.assertEqual(1, got.returncode)
                self.assertIn(said, got.stderr.decode())

    JSON = [
        ("", "no message"),
        ("{", "JSON: line 1"),
        ("[]", "object"),
        ('{"typ": "CON"}', "unknown key"),
        ('{"type": 1}', "type"),
        ('{"code": "9.99"}', "code"),
        ('{"message_id": 65536}', "message_id"),
        ('{"message_id": -1}', "message_id"),
        ('{"version": 2}', "version"),
        ('{"framing": "pigeon"}', "framing"),
        ('{"token": "0"}', "token"),
        ('{"token": 0}', "token"),
        ('{"options": {}}', "options"),
        ('{"options": [1]}', "options[0]"),
        ('{"options": [{"hex": ""}]}', "options[0]"),
        ('{"options": [{"number": 65536}]}', "options[0]"),
        ('{"options": [{"number": 11, "name": "Uri-Query"}]}', "not called"),
        ('{"options": [{"name": "Uri-Paht"}]}', "no option is called"),
        ('{"options": [{"number": 12, "value": "x"}]}', "options[0].value"),
        ('{"options": [{"number": 11, "value": 1}]}', "options[0].value"),
        ('{"options": [{"number": 4, "value": "x"}]}', "options[0].value"),
        ('{"options": [{"number": 23, "value": {"num": 1}}]}', "value"),
        ('{"options": [{"number": 12, "hex": "33", "value": 50}]}',
         "contradicts"),
        ('{"options": [{"number": 12, "hex value": ""}]}', "unknown key"),
        ('{"payload": "x"}', "payload"),
        ('{"payload": {}}', "payload"),
        ('{"payload": {"hex": "61", "text": "b"}}', "contradicts"),
        ('{"code": "0.00", "token": "aa"}', "RFC 7252 Section 4.1"),
        ('{}{}', "only streams"),
        ('{"type": "CON", "type": "NON"}', "JSON"),
    ]

    def test_wrong_json(self):
        for text, said in self.JSON:
            with self.subTest(text=text):
                got = run("encode", "--json", "-", stdin=text)
                self.assertEqual(1, got.returncode)
                self.assertIn(said, got.stderr.decode())

    def test_files_that_are_not_there(self):
        for flag in ("--json", "--text"):
            got = run("encode", flag, "/nonexistent/file")
            self.assertEqual(4, got.returncode)
            self.assertIn(b"/nonexistent/file", got.stderr)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            got = subprocess.run([COVEY, "coap", "decode", "40010000"],
                                 stdout=full, stderr=subprocess.PIPE,
                                 check=False)
        self.assertEqual(4, got.returncode)


class Warnings(unittest.TestCase):
    CASES = [
        ("4001000030", "length 0 is outside 1 to 255"),
        ("40010000" "5100", "length 1 is outside 0 to 0"),
        ("40010000" "31680168", "not repeatable"),
        ("40010000" "7300000a", "length 3 is outside 0 to 2"),
        ("40010000" "b1ff", "not UTF-8"),
        ("40010000" "d10a07", "SZX 7 is reserved"),
        ("40010000" "9100", "malformed"),
        ("40010000" "9109", "ends too early"),
    ]

    def test_values_out_of_bounds_are_shown_with_a_warning(self):
        for data, said in self.CASES:
            with self.subTest(data=data):
                got = run("decode", data)
                self.assertEqual(0, got.returncode)
                self.assertIn("warning", got.stdout.decode())
                self.assertIn(said, got.stdout.decode())

    def test_sound_values_have_none(self):
        got = run("decode", "40010000" "3168" "8161" "0161")
        self.assertNotIn("warning", got.stdout.decode())

    def test_nothing_can_drive_the_terminal(self):
        for value in (b"\x1b[2J", b"\x9b2J", "\u202eabc".encode(),
                      "\u009b".encode(), b"\x00", b"\xff"):
            data = compose.datagram(0, 1, 0, b"", [(11, value)], value)
            out = run("decode", data.hex()).stdout
            self.assertNotIn(value, out)
            both_ways(self, data)


class Program(unittest.TestCase):
    def covey(self, *args):
        return subprocess.run([COVEY, *args], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)

    def test_help_and_version(self):
        for args in (["--help"], ["help"], ["help", "coap"], ["--version"],
                     ["coap", "--help"], ["coap", "decode", "--help"],
                     ["coap", "encode", "--help"]):
            got = self.covey(*args)
            self.assertEqual(0, got.returncode, args)
            self.assertNotEqual(b"", got.stdout)
            self.assertEqual(b"", got.stderr)

    def test_wrong_verbs(self):
        for args in ([], ["nonsense"], ["help", "nonsense"], ["coap"]):
            got = self.covey(*args)
            self.assertEqual(2, got.returncode, args)
            self.assertNotEqual(b"", got.stderr)


if __name__ == "__main__":
    COVEY = sys.argv.pop(1)
    unittest.main()
