# SPDX-License-Identifier: BSD-2-Clause
"""covey schc pcap: captures made here for every link type, broken ones, and
the real ones beside the repository when they are there."""
import json
import sys
import unittest

from schc_kit import (ANSWER, APP, Case, DEVICE, DONE, DOWN, ETHERNET, GET, IO,
                      LOOP, MAC, NEGATIVE, NULL, RAW, ROOT, SHARED, SLL, SLL2,
                      UP, USAGE, coap_rules, compression, frame, ip_rules,
                      ipv4, ipv6, pcap, pcapng)

DEVICE_TEXT = "2001:db8:a::3"


class Pcap(Case):
    def setUp(self):
        super().setUp()
        self.rules = self.write("ip.json", ip_rules())
        self.coap = self.write("coap.json", coap_rules())

    def report(self, data, *more, code=DONE, rules=None):
        path = self.write("in.pcap", data)
        return json.loads(self.covey(code, "pcap", path, "--rules",
                                     rules or self.rules, "--json", *more))

    def check_pair(self, out):
        total = out["total"]
        self.assertEqual((total["packets"], total["compressed"]), (2, 2))
        self.assertEqual(out["verified"], 2)
        self.assertEqual(out["failed"], 0)
        kinds = {(k["kind"], k["direction"]) for k in out["kinds"]}
        self.assertEqual(kinds, {("CON GET /temp/a", "up"),
                                 ("ACK 2.05 Content", "down")})

    def test_reads_every_link_type(self):
        for link in (ETHERNET, RAW, 229, SLL, SLL2, NULL, LOOP):
            frames = [frame(link, UP), frame(link, DOWN)]
            for data in (pcap(link, frames), pcap(link, frames, ">"),
                         pcapng(link, frames)):
                with self.subTest(link=link):
                    out = self.report(data)
                    self.check_pair(out)
                    self.assertEqual(out["total"]["bytes_before"],
                                     len(UP) + len(DOWN))
                    self.assertEqual(out["total"]["bits_after"], 32 + 36)
                    self.assertEqual(out["total"]["header_bits"], 32 + 20)

    def test_reads_vlan_tags_and_padding(self):
        tags = MAC + bytes.fromhex("88a80001" "81000002" "86dd")
        out = self.report(pcap(ETHERNET, [tags + UP, tags + DOWN + bytes(9)]))
        self.check_pair(out)

    def test_guesses_the_device_and_says_so(self):
        data = pcap(RAW, [UP, DOWN])
        out = self.report(data)
        self.assertEqual(out["sides"], {
            "guessed": True, "devices": [DEVICE_TEXT],
            "device_on_port": None, "application": None})
        path = self.write("in.pcap", data)
        text = self.covey(DONE, "pcap", path, "--rules", self.rules)
        self.assertIn(f"device {DEVICE_TEXT}\n", text)
        self.assertIn("2 of 2 packets fit a rule, the other way round 0",
                      text)
        self.assertIn("2 packets came back bit for bit", text)

    def test_believes_the_command_line(self):
        data = pcap(RAW, [UP, DOWN])
        self.check_pair(self.report(data, "--device", DEVICE_TEXT))
        out = self.report(data, "--device", "2001:db8:a::20")
        self.assertEqual(out["total"]["compressed"], 0)
        self.assertEqual(out["verified"], 2)
        out = self.report(data, "--device", "2001:db8::99")
        self.assertEqual(out["strangers"], 2)
        self.assertEqual(out["total"]["packets"], 0)

    def test_takes_several_devices_of_one_application(self):
        doc = ip_rules()
        for rule in doc["ietf-schc:schc"]["rule"][:2]:
            for entry in rule["entry"]:
                if entry["field-id"] == "fid-ipv6-deviid":
                    del entry["target-value"]
                    entry["matching-operator"] = "mo-ignore"
                    entry["comp-decomp-action"] = "cda-value-sent"
        rules = self.write("any.json", doc)
        frames = []
        for i in range(1, 5):
            device = DEVICE[:31] + str(i)
            frames.append(ipv6(device, APP, (0x90a0, 5683), GET))
            frames.append(ipv6(APP, device, (5683, 0x90a0), ANSWER))
        out = self.report(pcap(RAW, frames), rules=rules)
        self.assertEqual(out["total"]["compressed"], 8)
        self.assertEqual(out["sides"]["application"], "2001:db8:a::20")

    def test_tells_the_ends_of_a_loopback_by_port(self):
        # As both ends are ::1, only the rules can say who the device is.
        local = "00" * 15 + "01"
        pair = [ipv6(local, local, (40000, 5683), GET),
                ipv6(local, local, (5683, 40000), ANSWER)]
        doc = coap_rules(fallback=False)
        rules = doc["ietf-schc:schc"]["rule"]
        for up, on_port in ((0, False), (1, True)):
            for i, rule in enumerate(rules):
                for entry in rule["entry"]:
                    entry["direction-indicator"] = \
                        "di-up" if i == up else "di-down"
            path = self.write("one-way.json", doc)
            for more in ((), ("--device", "::1")):
                out = self.report(pcap(RAW, pair), *more, rules=path)
                self.assertEqual(out["total"]["compressed"], 2)
                self.assertEqual(out["sides"]["device_on_port"], on_port)
                self.assertEqual(out["sides"]["devices"], ["::1"])

    def test_leaves_ipv4_to_stack_coap(self):
        frames = [ipv4([192, 0, 2, 3], [192, 0, 2, 32], (40000, 5683), GET),
                  ipv4([192, 0, 2, 32], [192, 0, 2, 3], (5683, 40000),
                       ANSWER)]
        out = self.report(pcap(228, frames))
        self.assertEqual(out["not_ipv6"], 2)
        self.assertEqual(out["total"]["packets"], 0)
        out = self.report(pcap(228, frames), rules=self.coap)
        self.check_pair(out)
        self.assertEqual(out["sides"]["devices"], ["192.0.2.3"])
        self.check_pair(self.report(pcap(RAW, frames), "--device",
                                    "192.0.2.3", rules=self.coap))

    def test_counts_what_it_cannot_use(self):
        arp = MAC + bytes.fromhex("0806") + bytes(28)
        icmp = bytes.fromhex("6000000000083a40") + UP[8:40] + bytes(8)
        piece = ipv4([192, 0, 2, 3], [192, 0, 2, 32], (1, 5683), GET, 0x2000)
        dns = ipv6(DEVICE, APP, (5300, 53), b"\0" * 12)
        lies = frame(ETHERNET, UP)[:-3]
        data = pcap(ETHERNET, [arp] + [frame(ETHERNET, p) for p in
                                       (icmp, piece, dns, UP, DOWN)] + [lies])
        out = self.report(data)
        self.check_pair(out)
        self.assertEqual(out["frames"], {
            "total": 7, "coap": 2, "other_udp": 1, "not_ip": 1, "not_udp": 1,
            "fragments": 1, "cut": 0, "malformed": 1})

    def test_learns_the_ports_of_a_conversation(self):
        # The answer comes from another port than the one that was asked.
        other = ipv6(APP, DEVICE, (61616, 0x90a0), ANSWER)
        self.assertEqual(self.report(pcap(RAW, [UP, other]))["frames"]["coap"],
                         2)
        # What is no CoAP on such a port is not counted as CoAP.
        noise = ipv6(APP, DEVICE, (61616, 0x90a0), b"\0\1\2\3")
        self.assertEqual(self.report(pcap(RAW, [UP, noise]))["frames"]["coap"],
                         1)

    def test_finds_coap_on_another_port(self):
        pair = [ipv6(DEVICE, APP, (0x90a0, 7777), GET),
                ipv6(APP, DEVICE, (7777, 0x90a0), ANSWER)]
        self.assertEqual(self.report(pcap(RAW, pair), code=NEGATIVE)
                         ["frames"]["coap"], 0)
        out = self.report(pcap(RAW, pair), "--port", "7777", rules=self.coap)
        self.check_pair(out)

    def test_tells_why_packets_went_uncompressed(self):
        post = ipv6(DEVICE, APP, (0x90a0, 5683), b"\x41\x02" + GET[2:])
        out = self.report(pcap(RAW, [UP, DOWN, post, post]))
        self.assertEqual(out["total"]["compressed"], 2)
        self.assertEqual(out["reasons"], [{
            "rule": "1/3", "packets": 2, "first_frame": 3,
            "why": "coap-code: wants 0.01 GET; the packet has 0.02 POST"}])
        strict = self.write("strict.json", ip_rules(fallback=False))
        out = self.report(pcap(RAW, [UP, post]), rules=strict)
        self.assertEqual(out["total"]["refused"], 1)
        self.assertEqual(out["total"]["bytes_before"], len(UP))
        path = self.write("in.pcap", pcap(RAW, [UP, post]))
        text = self.covey(DONE, "pcap", path, "--rules", strict)
        self.assertIn("1 packets fit no rule and could not be sent", text)

    def test_completes_checksums_only_when_asked(self):
        pair = [ipv6(DEVICE, APP, (0x90a0, 5683), GET, offload=True), DOWN]
        out = self.report(pcap(RAW, pair))
        self.assertEqual(out["offloaded"], 1)
        self.assertEqual(out["total"]["compressed"], 1)
        self.assertIn("udp-checksum", out["reasons"][0]["why"])
        self.check_pair(self.report(pcap(RAW, pair), "--offload"))
        wrong = UP[:46] + b"\xde\xad" + UP[48:]
        out = self.report(pcap(RAW, [wrong, DOWN]), "--offload")
        self.assertEqual(out["total"]["compressed"], 1)

    def test_names_malformed_messages(self):
        bad = ipv6(DEVICE, APP, (0x90a0, 5683), b"\x4f\x01\x00\x01")
        out = self.report(pcap(RAW, [UP, bad]))
        self.assertIn("not CoAP", [k["kind"] for k in out["kinds"]])
        self.assertEqual(out["verified"], 2)

    def test_uses_an_index_for_many_rules(self):
        doc = ip_rules()
        rules = doc["ietf-schc:schc"]["rule"]
        rules[0]["rule-id-length"] = rules[1]["rule-id-length"] = 8
        rules[2].update({"rule-id-value": 255, "rule-id-length": 8})
        for i in range(3, 200):
            copy = json.loads(json.dumps(rules[0]["entry"]))
            copy[-2]["target-value"][0]["value"] = f"{i:08x}"
            rules.insert(2, compression(i, 8, copy))
        many = self.write("many.json", doc)
        out = self.report(pcap(RAW, [UP, DOWN]), rules=many)
        self.check_pair(out)
        other = ipv6(DEVICE, APP, (0x90a0, 5683),
                     bytes.fromhex("410101427a" "b4000000c7" "0161"))
        out = self.report(pcap(RAW, [other]), "--device", DEVICE_TEXT,
                          rules=many)
        self.assertEqual(out["total"]["compressed"], 1)

    def test_puts_rare_kinds_together(self):
        frames = [ipv6(DEVICE, APP, (0x90a0, 5683),
                       bytes.fromhex("410101427a" "b2") + b"%02d" % i)
                  for i in range(100)]
        out = self.report(pcap(RAW, frames))
        self.assertEqual(sum(k["packets"] for k in out["kinds"]), 100)
        self.assertLessEqual(len(out["kinds"]), 64)
        self.assertIn("others", [k["kind"] for k in out["kinds"]])

    def test_explains_a_frame(self):
        path = self.write("in.pcap", pcap(RAW, [UP, DOWN]))
        base = ("pcap", path, "--rules", self.rules, "--explain")
        out = self.covey(DONE, *base, "2")
        self.assertIn("frame 2\nrule 2/3", out)
        self.refuses(NEGATIVE, "frame 3 is no CoAP packet", *base, "3")
        self.refuses(USAGE, "choose one", *base, "1", "--json")
        self.usage("--explain 0", *base, "0")

    def test_explains_a_frame_on_a_page(self):
        path = self.write("in.pcap", pcap(RAW, [UP, DOWN]))
        page = self.folder / "frame.html"
        base = ("pcap", path, "--rules", self.rules)
        out = self.covey(DONE, *base, "--explain", "1", "--html", page)
        self.assertIn("2 packets came back", out)
        self.assertIn("<title>SCHC rule 1/3", page.read_text("utf-8"))
        self.refuses(USAGE, "--explain", *base, "--html", page)
        self.refuses(IO, "No such file", *base, "--explain", "1", "--html",
                     "/nonexistent/page.html")

    def test_refuses_what_is_no_capture(self):
        base = ("pcap", "--rules", self.rules)
        self.refuses(IO, "No such file", *base, "/nonexistent.pcap")
        for content, says in ((b"", "truncated"), (b"abc", "truncated"),
                              (b"no capture at all, only text here",
                               "unknown file format"),
                              (pcap(ETHERNET, [])[:20], "truncated"),
                              (pcap(105, []), "802.11")):
            path = self.write("bad.pcap", content)
            text = self.refuses(IO, says, *base, path)
            self.assertIn(path, text)

    def test_uses_a_broken_capture_as_far_as_it_goes(self):
        whole = pcap(RAW, [UP, DOWN, UP])
        for cut in (3, 30, 70):
            path = self.write("cut.pcap", whole[:-cut])
            done = self.run_covey("pcap", path, "--rules", self.rules)
            self.assertEqual(done.returncode, IO)
            self.assertIn("stopped after frame 2", done.stderr)
            self.assertIn("2 packets came back bit for bit", done.stdout)

    def test_says_that_there_is_no_coap(self):
        path = self.write("empty.pcap", pcap(ETHERNET, []))
        out = self.covey(NEGATIVE, "pcap", path, "--rules", self.rules)
        self.assertIn("0 frames", out)
        self.assertIn("no CoAP on UDP port 5683", out)
        out = self.report(pcap(ETHERNET, []), code=NEGATIVE)
        self.assertEqual(out["total"]["packets"], 0)

    def test_refuses_bad_command_lines(self):
        base = ("pcap", "x.pcap", "--rules", self.rules)
        self.usage("--device here", *base, "--device", "here")
        for port in ("0", "65536", "x", "-1", "5683x"):
            self.usage("--port", *base, f"--port={port}")
        self.usage("FILE: missing", "pcap", "--rules", self.rules)
        self.usage("--direction", *base, "--direction", "up")
        self.usage("at most 15", *base, *["--device", "::1"] * 16)
        self.refuses(USAGE, "coap-inner", *base, "--stack", "coap-inner")


class Real(Case):
    """Captures that others made."""

    def capture(self, name):
        path = SHARED / "vectors" / "schc" / "pcap" / name
        if not path.exists():
            print(f"NOT RUN: {path} is not there", file=sys.stderr)
            self.skipTest("no capture")
        return path

    def test_lwm2m_thermostat(self):
        path = self.capture("microschc_examples_quickstart-files_leshan-"
                            "thermostat-readings.pcapng")
        out = json.loads(self.covey(
            DONE, "pcap", path, "--json", "--rules",
            ROOT / "share" / "rules" / "lwm2m.json"))
        self.assertEqual(out["frames"]["coap"], 10000)
        self.assertEqual(out["total"]["packets"], 10000)
        self.assertEqual(out["verified"], 10000)
        self.assertEqual(out["failed"], 0)
        self.assertGreater(out["total"]["compressed"], 9900)
        # Headers of 48 bytes and more in under 45 bits.
        self.assertLess(out["total"]["header_bits"],
                        45 * out["total"]["compressed"])

    def test_other_captures_come_back_too(self):
        rules = self.write("coap.json", coap_rules())
        for name, packets in (
                ("samsirohi11_schc_r_c_coap-observe.pcapng", 38),
                ("openschc_examples_MOOC-1_trace_coap.pcap", 30),
                ("openschc_src_tests_coap.pcapng", 5),
                ("openschc_src_tests_coap_icmp.pcap", 1)):
            out = json.loads(self.covey(DONE, "pcap", self.capture(name),
                                        "--json", "--rules", rules))
            self.assertEqual(out["verified"], packets)
        quic = self.capture("samsirohi11_schc_r_c_quic_no_enc.pcapng")
        out = self.covey(NEGATIVE, "pcap", quic, "--rules", rules)
        self.assertIn("no CoAP", out)


if __name__ == "__main__":
    unittest.main()
