# SPDX-License-Identifier: BSD-2-Clause
"""covey schc compress, decompress, explain, why-not."""
import json
import unittest
from html.parser import HTMLParser

from schc_kit import (ANSWER, Case, DONE, DOWN, GET, IO, NEGATIVE, UP,
                      USAGE, coap_rules, compression, document, fixed, field,
                      ip_rules, sent)

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Every element is closed, in order; nothing is loaded."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.seen = set()
        self.text = []
        self.faults = []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"attribute twice in {tag} {attrs}")
        for name, value in attrs:
            if name in ("src", "href") or "url(" in (value or ""):
                self.faults.append(f"loads something: {tag} {attrs}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.text.append(data)


class Compress(Case):
    def setUp(self):
        super().setUp()
        self.rules = self.write("rules.json", coap_rules())
        self.up = ("--rules", self.rules, "--direction", "up")
        self.down = ("--rules", self.rules, "--direction", "down")

    def test_compresses_to_the_bits_of_the_rule(self):
        # 001 0 01000010 01111010 0001 01100001
        self.assertEqual(self.covey(DONE, "compress", *self.up, GET.hex()),
                         "2427a161\n")
        # 010 0 01000010 01111010, payload 3231, four bits of padding
        self.assertEqual(
            self.covey(DONE, "compress", *self.down, ANSWER.hex()),
            "4427a32310\n")

    def test_gives_every_packet_back(self):
        for side, packet in ((self.up, GET), (self.down, ANSWER)):
            schc = self.covey(DONE, "compress", *side, packet.hex())
            self.assertEqual(
                self.covey(DONE, "decompress", *side, schc.strip()),
                packet.hex() + "\n")

    def test_works_on_whole_ip_packets(self):
        rules = self.write("ip.json", ip_rules())
        for direction, packet, bits in (("up", UP, 32), ("down", DOWN, 36)):
            side = ("--rules", rules, "-d", direction)
            out = json.loads(self.covey(DONE, "compress", *side, "--json",
                                        packet.hex()))
            self.assertEqual(out["stack"], "ipv6-udp-coap")
            self.assertEqual(out["schc_bits"], bits)
            self.assertEqual(self.covey(DONE, "decompress", *side,
                                        out["schc"]), packet.hex() + "\n")

    def test_reads_standard_input_and_separators(self):
        spaced = "0x41 01:01:42 7a\tb4 74 65 6d 70\n01 61\n"
        self.assertEqual(
            self.covey(DONE, "compress", *self.up, "-", stdin=spaced),
            "2427a161\n")

    def test_json_says_what_each_field_sent(self):
        out = json.loads(self.covey(DONE, "compress", *self.up, "--json",
                                    GET.hex()))
        self.assertEqual(out["rule"], {
            "index": 0, "id": 1, "bits": 3, "nature": "nature-compression",
            "line": out["rule"]["line"]})
        self.assertEqual(out["schc"], "2427a161")
        self.assertEqual((out["schc_bits"], out["padding_bits"]), (32, 0))
        sizes = {f["field"]: f["residue"] for f in out["fields"]
                 if f["residue"]}
        self.assertEqual(sizes, {
            "fid-coap-type": "0", "fid-coap-mid": "01000010",
            "fid-coap-token": "01111010",
            "fid-coap-option-uri-path": "000101100001"})
        values = [(f["text"], f["value"]) for f in out["fields"]]
        self.assertIn(("CON", "00"), values)
        self.assertIn(("0.01 GET", "01"), values)
        self.assertIn(('"temp"', "74656d70"), values)
        self.assertIsNone(out["payload"])

    def test_residues_fill_the_packet(self):
        for side, packet in ((self.up, GET), (self.down, ANSWER)):
            out = json.loads(self.covey(DONE, "compress", *side, "--json",
                                        packet.hex()))
            bits = out["rule"]["bits"]
            for f in out["fields"]:
                self.assertEqual(f["residue_offset"], bits)
                self.assertEqual(len(f["residue"]), f["residue_bits"])
                bits += f["residue_bits"]
            payload = out["payload"]
            if payload:
                self.assertEqual(payload["offset"], bits)
                bits += payload["bits"]
            self.assertEqual(bits, out["schc_bits"])

    def test_takes_the_no_compression_rule_last(self):
        out = json.loads(self.covey(DONE, "compress", *self.up, "--json",
                                    "42010142"))
        self.assertEqual(out["rule"]["nature"], "nature-no-compression")
        self.assertEqual(out["schc_bits"], 3 + 32)
        self.assertEqual(out["fields"], [])

    def test_uses_one_rule_if_asked(self):
        self.assertEqual(self.covey(DONE, "compress", *self.up, "--rule", "7",
                                    GET.hex()),
                         f"{(7 << 101 | int(GET.hex(), 16) << 5):026x}\n")
        self.refuses(NEGATIVE, "rule 2/3", "compress", *self.up, "--rule",
                     "2/3", GET.hex())

    def test_chooses_the_shortest_if_asked(self):
        long = compression(0, 3, [
            sent(name, length) for name, length in
            (("coap-version", 2), ("coap-type", 2), ("coap-tkl", 4),
             ("coap-code", 8), ("coap-mid", 16),
             ("coap-token", "fl-token-length"))] + [
                 sent("coap-option-uri-path", "fl-variable", position=p)
                 for p in (1, 2)])
        rules = coap_rules()
        rules["ietf-schc:schc"]["rule"].insert(0, long)
        path = self.write("two.json", rules)
        base = ("compress", "--no-profile", "--rules", path, "-d", "up",
                "--json", GET.hex())
        first = json.loads(self.covey(DONE, *base, "--select", "first"))
        best = json.loads(self.covey(DONE, *base, "--select", "shortest"))
        self.assertEqual((first["rule"]["id"], best["rule"]["id"]), (0, 1))

    def test_knows_identifiers_of_the_link(self):
        rules = ip_rules()
        for rule in rules["ietf-schc:schc"]["rule"][:2]:
            for entry in rule["entry"]:
                if entry["field-id"] == "fid-ipv6-deviid":
                    entry["matching-operator"] = "mo-ignore"
                    entry["comp-decomp-action"] = "cda-deviid"
                    del entry["target-value"]
        path = self.write("iid.json", rules)
        base = ("compress", "--rules", path, "-d", "up", "--json")
        known = json.loads(self.covey(DONE, *base, "--dev-iid",
                                      "0000000000000003", UP.hex()))
        other = json.loads(self.covey(DONE, *base, "--dev-iid",
                                      "0000000000000004", UP.hex()))
        self.assertEqual(known["rule"]["id"], 1)
        self.assertEqual(other["rule"]["id"], 7)

    def test_says_per_rule_why_none_fits(self):
        path = self.write("strict.json", coap_rules(fallback=False))
        text = self.refuses(NEGATIVE, "no rule fits", "compress", "--rules",
                            path, "-d", "up", "41020142" "7a" "b474656d70"
                            "0161")
        self.assertRegex(text, r"rule 1/3 +line \d+ +coap-code: wants 0\.01 "
                               r"GET; the packet has 0\.02 POST")
        self.assertRegex(text, r"rule 2/3 +line \d+ +coap-type: wants ACK; "
                               r"the packet has CON")
        self.assertEqual(len(text.splitlines()), 3)

    def test_refuses_bad_command_lines(self):
        base = ("compress", "--rules", self.rules)
        self.usage("--direction up|down: missing", *base, GET.hex())
        self.usage("--direction sideways", *base, "--direction", "sideways",
                   GET.hex())
        self.usage("--rules FILE: missing", "compress", "-d", "up", "00")
        self.usage("--colour", *base, "--colour", "-d", "up", "00")
        self.usage("-x", *base, "-x", "00")
        self.usage("--rules: needs a value", "compress", "--rules")
        self.usage("--stack ipv4", *base, "-d", "up", "--stack", "ipv4", "00")
        self.usage("--select best", *base, "--select", "best", "00")
        self.usage("--profile 42", *base, "--profile", "42", "00")
        self.usage("--lossy perhaps", *base, "--lossy", "perhaps", "00")
        self.usage("--dev-iid 01", *base, "--dev-iid", "01", "00")
        self.usage("HEX|-: missing", *base, "-d", "up")
        self.usage("unexpected argument", *base, "-d", "up", "00", "01")
        self.usage("--html", *base, "--html", "x", "-d", "up", "00")
        self.refuses(USAGE, "no such rule", *base, "-d", "up", "--rule", "9",
                     "00")
        for name in ("x", "1/", "1/33", "1/0", "-1", "1/3x", "5000000000"):
            self.refuses(USAGE, "expected VALUE", *base, "-d", "up",
                         f"--rule={name}", "00")

    def test_refuses_to_read_standard_input_twice(self):
        self.refuses(USAGE, "both", "compress", "--rules", "-", "-d", "up",
                     "-")
        with open(self.rules, encoding="utf-8") as file:
            self.assertEqual(self.covey(DONE, "compress", "--rules", "-", "-d",
                                        "up", GET.hex(), stdin=file.read()),
                             "2427a161\n")

    def test_refuses_bad_hex(self):
        for text, says in (("4", "middle of a byte"), ("zz", "found 'z'"),
                           ("41 0", "middle of a byte"), ("4 1", "separator")):
            self.refuses(USAGE, says, "compress", *self.up, text)
        self.refuses(USAGE, "standard input", "compress", *self.up, "-",
                     stdin="4101f")

    def test_refuses_bad_rule_files(self):
        base = ("compress", "-d", "up", GET.hex(), "--rules")
        self.refuses(IO, "No such file", *base, self.folder / "none.json")
        for content, says in (("", "error"), ("{", "error"),
                              ('{"rule": 3}', "error"), ("[1]", "error")):
            path = self.write("bad.json", content)
            self.refuses(NEGATIVE, says, *base, path)

    def test_refuses_what_is_too_long(self):
        self.refuses(NEGATIVE, "65576 bytes", "compress", *self.up, "-",
                     stdin="00" * 65576)

    def test_says_which_verbs_there_are(self):
        self.refuses(USAGE, "explain")
        self.refuses(USAGE, "squeeze: no such verb", "squeeze")
        self.refuses(USAGE, "show, export-c or export-json", "rules")
        self.refuses(USAGE, "show, export-c or export-json", "rules", "drop")
        self.assertIn("why-not", self.covey(DONE, "--help"))
        for verb in ("compress", "decompress", "explain", "why-not", "lint",
                     "rules show", "rules export-c", "rules export-json",
                     "pcap"):
            out = self.covey(DONE, *verb.split(), "--help")
            self.assertIn("usage: covey schc " + verb, out)
            self.assertIn("--rules", out)
            self.assertLess(max(map(len, out.splitlines())), 80)


class Decompress(Case):
    def setUp(self):
        super().setUp()
        self.rules = self.write("rules.json", coap_rules())
        self.up = ("--rules", self.rules, "--direction", "up")

    def test_ignores_padding_but_not_bytes(self):
        self.assertEqual(self.covey(DONE, "decompress", *self.up,
                                    "4427a32310"), ANSWER.hex() + "\n")
        self.assertEqual(self.covey(DONE, "decompress", *self.up,
                                    "4427a3231041"),
                         ANSWER.hex() + "04\n")

    def test_adds_no_marker_for_padding(self):
        # Rule 2, no payload, 4 bits of padding.
        self.assertEqual(self.covey(DONE, "decompress", *self.up, "4427a0"),
                         "614501427a\n")

    def test_refuses_every_truncation(self):
        for end in range(4):
            schc = "2427a161"[:2 * end]
            says = "RuleID" if end == 0 else "end within the residue"
            self.refuses(NEGATIVE, says, "decompress", *self.up, schc)

    def test_refuses_an_unknown_rule(self):
        text = self.refuses(NEGATIVE, "no rule", "decompress", *self.up, "60")
        self.assertIn(self.rules, text)

    def test_refuses_a_stack_that_the_rule_cannot_build(self):
        self.refuses(NEGATIVE, "builds no ipv6-udp-coap packet", "decompress",
                     *self.up, "--stack", "ipv6-udp-coap", "2427a161")

    def test_refuses_an_index_out_of_range(self):
        three = document([compression(1, 3, [
            field("coap-version", 2, ["01"], "equal", "not-sent"),
            field("coap-type", 2, ["00", "01", "02"], "match-mapping",
                  "mapping-sent"),
            fixed("coap-tkl", 4, "00"), fixed("coap-code", 8, "01"),
            sent("coap-mid", 16)])], "coap")
        path = self.write("three.json", three)
        base = ("decompress", "--rules", path, "-d", "up")
        self.assertEqual(self.covey(DONE, *base, "300028"), "60010005\n")
        self.refuses(NEGATIVE, "no compressor sends this", *base, "380028")


class Explain(Case):
    def setUp(self):
        super().setUp()
        self.rules = self.write("rules.json", coap_rules())
        self.up = ("explain", "--rules", self.rules, "--direction", "up")
        self.down = ("explain", "--rules", self.rules, "--direction", "down")

    def test_draws_bits_letters_and_a_table(self):
        out = self.covey(DONE, *self.up, GET.hex())
        self.assertIn("00100100 00100111 10100001 01100001", out)
        self.assertIn("RRRabbbb bbbbcccc cccc#### dddddddd", out)
        self.assertRegex(out, r"coap-code +1 +bi +equal +not-sent +0 +"
                              r"0\.01 GET +01")
        self.assertRegex(out, r'd coap-option-uri-path +2 +bi +ignore +'
                              r'value-sent +4\+8 +"a" +61')
        self.assertNotIn("\x1b", out)

    def test_shows_payload_and_padding(self):
        out = self.covey(DONE, *self.down, ANSWER.hex())
        self.assertIn("01000100 00100111 10100011 00100011", out)
        self.assertIn("RRRabbbb bbbbcccc cccc.... ........", out)
        self.assertIn("....----", out)

    def test_explains_a_compressed_packet_alike(self):
        for side, packet, schc in ((self.up, GET, "2427a161"),
                                   (self.down, ANSWER, "4427a32310")):
            for form in ((), ("--json",), ("--html", "-")):
                self.assertEqual(
                    self.covey(DONE, *side, *form, packet.hex()),
                    self.covey(DONE, *side, *form, "--compressed", schc))

    def test_does_not_explain_what_no_compressor_sends(self):
        # The size 1 written in 12 bits: 001 0 01000010 01111010 1111 00000001
        self.refuses(NEGATIVE, "no compressor sends this", *self.up,
                     "--compressed", "2427af0161")

    def test_colours_only_when_wanted(self):
        never = self.covey(DONE, *self.up, "--color", "never", GET.hex())
        always = self.covey(DONE, *self.up, "--color=always", GET.hex())
        self.assertNotIn("\x1b", never)
        self.assertIn("\x1b[0;30;48;5;", always)
        self.assertNotIn("\x1b", self.covey(DONE, *self.up, GET.hex(),
                                            env={"NO_COLOR": ""}))
        self.usage("--color blue", *self.up, "--color", "blue", GET.hex())

    def test_leaves_out_most_of_a_long_payload(self):
        long = ANSWER + bytes(200)
        out = self.covey(DONE, *self.down, long.hex())
        self.assertIn("more bits of payload", out)
        whole = self.covey(DONE, *self.down, "--verbose", long.hex())
        self.assertNotIn("more bits of payload", whole)
        self.assertGreater(len(whole), len(out) + 2000)

    def test_draws_groups_and_long_tokens(self):
        # TKL 13 with extension 01 (14 bytes, RFC 8974); /temp/a in one value.
        path = self.write("group.json", document([compression(1, 3, [
            fixed("coap-version", 2, "01"), fixed("coap-type", 2, "00"),
            sent("coap-tkl", 12), fixed("coap-code", 8, "01"),
            sent("coap-mid", 16), sent("coap-token", "fl-token-length"),
            fixed("coap-option-uri-path", "fl-variable", b"/temp/a".hex()),
            sent("coap-option-uri-path", "fl-variable", position=3)])],
            "coap"))
        packet = bytes.fromhex("4d01014201") + b"tokentokentoke" + \
            bytes.fromhex("b474656d70" "0161" "0162")
        base = ("explain", "--rules", path, "-d", "up", packet.hex())
        out = self.covey(DONE, *base)
        self.assertRegex(out, r"a coap-tkl .* 12  14 +0d01")
        self.assertRegex(out, r'  coap-option-uri-path +1 .* 0  "/temp/a"')
        self.assertIn("\n         a    bb bb aa cc", out)
        fields = json.loads(self.covey(DONE, *base, "--json"))["fields"]
        self.assertEqual([f["packet_bits"] for f in fields],
                         [2, 2, 12, 8, 16, 112, 6 * 8, 8])

    def check_page(self, text):
        page = Page()
        page.feed(text)
        page.close()
        self.assertEqual(page.faults, [])
        self.assertEqual(page.open, [])
        self.assertTrue({"html", "head", "title", "main", "table",
                         "style"} <= page.seen)
        self.assertIn('<meta name="viewport"', text)
        self.assertIn("prefers-color-scheme:dark", text)
        self.assertNotIn("http", text)
        self.assertNotIn("@import", text)
        style = text[text.index("<style>"):text.index("</style>")]
        self.assertEqual(style.count("{"), style.count("}"))
        return "".join(page.text)

    def test_writes_one_sound_page(self):
        text = self.check_page(self.covey(DONE, *self.up, "--html", "-",
                                          GET.hex()))
        self.assertIn("12 bytes become 4", text)
        self.assertIn("0.01 GET", text)
        self.assertIn("coap-option-uri-path", text)
        rules = self.write("ip.json", ip_rules())
        text = self.check_page(self.covey(
            DONE, "explain", "--rules", rules, "-d", "up", "--html", "-",
            UP.hex()))
        self.assertIn("2001:db8:a::/64", text)

    def test_escapes_what_packets_and_files_say(self):
        evil = bytes.fromhex("41010142" "7a" "b474656d70" "0d07") + \
            b'<script>"&\x1b[2Jaaaaaa'
        html = self.covey(DONE, *self.up, "--html", "-", evil.hex())
        self.check_page(html)
        self.assertNotIn("<script>&", html)
        self.assertIn("&lt;script&gt;", html)
        text = self.covey(DONE, *self.up, evil.hex())
        self.assertNotIn("\x1b", text)
        self.assertIn("\\x1b", text)

    def test_writes_a_page_to_a_file(self):
        path = self.folder / "page.html"
        self.assertEqual(self.covey(DONE, *self.up, "--html", path,
                                    GET.hex()), "")
        self.check_page(path.read_text(encoding="utf-8"))

    def test_refuses_two_forms_and_bad_files(self):
        self.usage("choose one", *self.up, "--html", "-", "--json", GET.hex())
        self.refuses(IO, "No such file", *self.up, "--html",
                     "/nonexistent/page.html", GET.hex())
        self.refuses(IO, "No space", *self.up, "--html", "/dev/full",
                     GET.hex())


class WhyNot(Case):
    def setUp(self):
        super().setUp()
        self.rules = self.write("rules.json", coap_rules())
        self.up = ("why-not", "--rules", self.rules, "--direction", "up")

    def test_says_which_rule_is_used(self):
        out = self.covey(DONE, *self.up, GET.hex())
        self.assertRegex(out, r"rule 1/3 +line \d+ +fits")
        self.assertRegex(out, r"rule 2/3 .*coap-type: wants ACK; the packet "
                              r"has CON \(line \d+\)")
        self.assertIn("rule 1/3 is used: 12 bytes become 32 bits", out)

    def test_names_a_field_that_has_no_descriptor(self):
        packet = GET + bytes.fromhex("4163")
        out = self.covey(NEGATIVE, *self.up, packet.hex())
        self.assertIn('coap-option-uri-query: the packet has it ("c"), the '
                      'rule does not describe it', out)
        self.assertIn("rule 7/3 is used", out)

    def test_names_a_field_that_is_missing(self):
        out = self.covey(NEGATIVE, *self.up, GET[:-2].hex())
        self.assertIn("coap-option-uri-path: the packet has no such field",
                      out)

    def test_json_has_a_row_per_rule(self):
        out = json.loads(self.covey(NEGATIVE, *self.up, "--json",
                                    GET[:-2].hex()))
        self.assertFalse(out["fits"])
        self.assertEqual(out["used"], 2)
        self.assertEqual([r["fits"] for r in out["rules"]],
                         [False, False, True])
        self.assertEqual(out["rules"][0]["field"], "fid-coap-option-uri-path")
        self.assertGreater(out["rules"][0]["field_line"],
                           out["rules"][0]["line"])

    def test_survives_what_is_no_packet(self):
        for packet in ("", "00", "ff", "4101", "41ff0142", "4f010142"):
            out = self.covey(NEGATIVE, *self.up, packet)
            self.assertIn("rule 1/3", out)

    def test_finds_fields_of_other_layers(self):
        rules = self.write("ip.json", ip_rules())
        base = ("why-not", "--rules", rules, "-d", "up")
        other = UP[:7] + b"\x3f" + UP[8:]
        self.assertIn("ipv6-hoplimit: wants 64; the packet has 63",
                      self.covey(NEGATIVE, *base, other.hex()))
        other = UP[:8] + bytes.fromhex("20010db9") + UP[12:]
        self.assertIn("ipv6-devprefix: wants 2001:db8:a::/64; the packet has "
                      "2001:db9:a::/64", self.covey(NEGATIVE, *base,
                                                    other.hex()))
        other = UP[:46] + b"\xde\xad" + UP[48:]
        self.assertIn("udp-checksum: the value is not the one that the other "
                      "end would compute; the packet has 0xdead",
                      self.covey(NEGATIVE, *base, other.hex()))


if __name__ == "__main__":
    unittest.main()
