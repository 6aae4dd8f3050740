#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit import: what is taken over of scans, captures, reports and
notices, and what is not. Nothing is sent."""
import datetime
import hashlib
import json
import shutil
import struct
import unittest

from audit_kit import DONE, FINDINGS, IN_WINDOW, IO, REFUSED, USAGE, Case, run

LATE = "2099-01-01T00:00:00Z"


def port(number, state="open", protocol="tcp", service=""):
    return (f'<port protocol="{protocol}" portid="{number}">'
            f'<state state="{state}" reason="syn-ack"/>{service}</port>')


SSH = ('<service name="ssh" product="OpenSSH" version="9.2p1 Debian '
       '2+deb12u10" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:'
       '9.2p1</cpe><cpe>cpe:/o:linux</cpe></service>')


def host(address, *ports, system=""):
    kind = "ipv6" if ":" in address else "ipv4"
    return (f'<host><status state="up"/><address addr="{address}" '
            f'addrtype="{kind}"/><address addr="02:00:00:00:00:02" '
            f'addrtype="mac"/><ports><extraports state="closed" count="3"/>'
            f'{"".join(ports)}</ports>{system}</host>')


def nmap(*hosts, start=IN_WINDOW, end="success", doctype="<!DOCTYPE nmaprun>"):
    return (f'<?xml version="1.0"?>{doctype}<nmaprun scanner="nmap" '
            f'args="nmap -oX -" start="{start}" version="7.93">'
            f'{"".join(hosts)}<runstats><finished time="1" exit="{end}"/>'
            '</runstats></nmaprun>')


def datagram(source, target, payload, ports=(40000, 5683)):
    udp = struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload
    ends = [bytes(map(int, a.split("."))) for a in (source, target)]
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17,
                       0, *ends) + udp


def pcap(*packets, when=IN_WINDOW):
    """Raw IP."""
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
    for p in packets:
        out += struct.pack("<IIII", when, 0, len(p), len(p)) + p
    return out


class Import(Case):
    envelopes = {}

    def setUp(self):
        self.techniques = ["ports.tcp", "ports.udp", "services", "os",
                           "services.coap"]

    def tearDown(self):
        shutil.rmtree(self.path("evidence"), ignore_errors=True)

    def mandate(self):
        m = super().mandate()
        m["techniques"] = self.techniques
        m["scope"].append({"clause": "S4", "net": "192.0.2.4", "proto": "tcp",
                           "ports": "22"})
        if "public" in self.techniques or "capture.passive" in self.techniques:
            m["window"].append({"from": "2025-12-01T00:00:00Z",
                                "to": LATE})
        return m

    def envelope(self):
        """Signed once for each set of techniques."""
        key = ",".join(self.techniques)
        if key not in self.envelopes:
            self.envelopes[key] = self.sign(f"mandate-{len(self.envelopes)}",
                                            self.mandate(), "owner", "auditor")
        return self.envelopes[key]

    def take(self, kind, content, name="file"):
        if isinstance(content, str):
            content = content.encode()
        self.path(name).write_bytes(content)
        self.content = content
        shutil.rmtree(self.path("evidence"), ignore_errors=True)
        self.done = run("import", "--owners", self.path("owners.yaml"),
                        "--key", self.path("auditor.pem"), "--evidence",
                        self.path("evidence"), "--state", self.path("state"),
                        kind, self.path(name), self.envelope())
        return self.done.returncode

    def lines(self, kind=None):
        text = (self.path("evidence") / "acts.log").read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        return [x for x in lines if kind in (None, x["kind"])]

    def end(self):
        return self.lines("imported")[0]

    def verified(self):
        done = run("verify", self.path("evidence"))
        self.assertEqual(done.returncode, DONE, done.stderr)

    def report(self, language, form):
        return run("report", "--lang", language, "--format", form,
                   self.path("evidence")).stdout

    def test_a_report_says_what_became_of_a_file(self):
        text = nmap(host("192.0.2.4", port(22, service=SSH), port(25)))
        self.take("nmap", text[:-30])
        for language, words in (("en", ("Complete", "Not covered")),
                                ("fr", ("Entier", "Non couvert"))):
            page = self.report(language, "md")
            for word in (*words, self.end()["why"]):
                self.assertIn(word, page)
        data = json.loads(self.report("en", "json"))
        lines = self.lines("seen")
        self.assertEqual(len(data["seen"]), len(lines))
        for said, line in zip(data["seen"], lines):
            when = datetime.datetime.fromtimestamp(
                line["time"], datetime.timezone.utc)
            self.assertEqual(said["act_time"],
                             when.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.assertEqual([x["complete"] for x in data["imported"]], [False])

    # --- nmap ---

    def test_what_is_covered_is_taken_over(self):
        system = ('<os><osmatch name="Linux 6.1" accuracy="97"><osclass>'
                  '<cpe>cpe:/o:linux:linux_kernel:6</cpe></osclass></osmatch>'
                  '<osmatch name="Other" accuracy="90"/></os>')
        text = nmap(host("192.0.2.4", port(22, service=SSH), system=system),
                    host("2001:db8::7", port(443, "closed")))
        self.assertEqual(self.take("nmap", text), DONE, self.done.stderr)
        first, system, second = self.lines("seen")
        self.assertEqual(first["clause"], "S4")
        self.assertEqual(first["target"], "192.0.2.4:22")
        self.assertEqual(first["state"], "open")
        self.assertEqual(first["services"], [{
            "service": "ssh", "product": "OpenSSH",
            "version": "9.2p1 Debian 2+deb12u10",
            "cpe": "cpe:/a:openbsd:openssh:9.2p1",
            "banner": "OpenSSH 9.2p1 Debian 2+deb12u10 ",
            "target": "192.0.2.4:22", "protocol": "tcp"}])
        self.assertEqual(system["system"]["name"], "Linux 6.1")
        self.assertEqual(system["system"]["cpe"],
                         "cpe:/o:linux:linux_kernel:6")
        self.assertEqual((second["clause"], second["state"]), ("S3", "closed"))
        begin = self.lines("import")[0]
        self.assertEqual(begin["program"], "nmap 7.93")
        digest = hashlib.sha256(self.content).hexdigest()
        self.assertEqual(begin["sha256"], digest)
        kept = self.path("evidence") / "scan.xml"
        self.assertEqual(kept.read_bytes(), self.content)
        self.assertTrue(self.end()["complete"])
        self.assertIn("192.0.2.4: 3 others closed",
                      " ".join(self.end()["notes"]).replace(":0:", ":"))
        self.verified()
        report = run("report", "--lang", "fr", "--format", "md",
                     self.path("evidence")).stdout
        self.assertIn("| 192.0.2.4:22 | tcp | ouvert | ssh OpenSSH 9.2p1 "
                      "Debian 2+deb12u10  | S4 |", report)
        self.assertIn(f"| nmap | file | {digest} | nmap 7.93 |", report)

    def test_ports_out_of_the_mandate_are_not_tested(self):
        text = nmap(host("192.0.2.4", port(22), port(23, "filtered"),
                         port(53, "open|filtered", "udp")))
        self.assertEqual(self.take("nmap", text), REFUSED)
        states = [s["state"] for s in self.lines("seen")]
        self.assertEqual(states, ["open"] +
                         ["not tested (out of mandate)"] * 2)
        self.assertNotIn("filtered\"", json.dumps(self.lines("seen")))
        self.assertFalse((self.path("evidence") / "scan.xml").exists())
        self.verified()

    def test_hosts_out_of_the_mandate_are_a_number(self):
        text = nmap(host("192.0.2.4", port(22)),
                    host("198.51.100.9", port(22), port(80)),
                    host("192.0.2.9", port(5683, protocol="udp")))
        self.assertEqual(self.take("nmap", text), REFUSED)
        self.assertEqual(self.end()["strangers"], 3)
        text = (self.path("evidence") / "acts.log").read_text()
        for address in ("198.51.100.9", "192.0.2.9"):
            self.assertNotIn(address, text)

    def test_versions_are_looked_up(self):
        self.assertEqual(self.take("nmap", nmap(
            host("192.0.2.4", port(22, service=SSH)))), DONE)
        base = self.write("osv.json", {
            "schema_version": "1.6.0", "id": "X-1",
            "modified": "2025-01-01T00:00:00Z", "affected": [{
                "package": {"ecosystem": "Debian:12", "name": "openssh"},
                "ranges": [{"type": "ECOSYSTEM", "events": [
                    {"introduced": "0"}, {"fixed": "1:9.2p1-2+deb12u11"}]}]}]})
        done = run("vuln", "--evidence", self.path("evidence"), base)
        self.assertEqual(done.returncode, FINDINGS, done.stderr)
        self.assertIn("X-1", done.stdout)

    def test_a_scan_at_another_time_has_no_mandate(self):
        for start in (IN_WINDOW - 86400, IN_WINDOW + 86400, ""):
            text = nmap(host("192.0.2.4", port(22)), start=start)
            self.assertEqual(self.take("nmap", text), REFUSED)
            self.assertEqual(self.end()["covered"], 0)

    def test_services_need_their_own_right(self):
        self.techniques = ["ports.tcp"]
        text = nmap(host("192.0.2.4", port(22, service=SSH)))
        self.assertEqual(self.take("nmap", text), DONE, self.done.stderr)
        seen = self.lines("seen")[0]
        self.assertNotIn("services", seen)
        self.assertEqual(seen["service_verdict"], "NO_RIGHT")
        self.techniques = ["vuln"]
        self.assertEqual(self.take("nmap", text), REFUSED)
        self.assertEqual(self.end()["covered"], 0)

    def test_a_name_of_a_port_is_no_service(self):
        text = nmap(host("192.0.2.4", port(
            22, service='<service name="ssh" method="table" conf="3"/>')))
        self.assertEqual(self.take("nmap", text), DONE)
        self.assertNotIn("services", self.lines("seen")[0])

    def test_a_file_that_was_cut_off_is_partial(self):
        text = nmap(host("192.0.2.4", port(22), port(22)))
        for cut in (text.index("<runstats"), text.rindex("<port"),
                    text.index("</host>") + 3):
            self.assertEqual(self.take("nmap", text[:cut]), DONE)
            self.assertFalse(self.end()["complete"])
            self.assertIn("cut off", self.done.stderr)
            self.assertGreater(self.end()["covered"], 0)
            self.verified()
        self.assertEqual(self.take("nmap", nmap(end="error")), DONE)
        self.assertIn("did not come to its end", self.done.stderr)
        # what the scan says of itself counts, not the last bracket
        self.assertEqual(self.take("nmap", text[:-10]), DONE)
        self.assertTrue(self.end()["complete"])

    def test_xml_that_means_harm(self):
        laugh = ('<!DOCTYPE nmaprun [<!ENTITY a "aaaaaaaaaa">'
                 '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>')
        fetch = '<!DOCTYPE nmaprun SYSTEM "file:///etc/passwd">'
        part = '<!DOCTYPE nmaprun [<!ENTITY % x SYSTEM "http://x/">%x;]>'
        for doctype in (laugh, fetch, part):
            text = nmap(host("192.0.2.4", port(22)), doctype=doctype)
            self.none("nmap", text, "document type")
        self.assertEqual(self.take("nmap", "<nmaprun>" + "<a>" * 99), DONE)
        self.assertFalse(self.end()["complete"])
        self.assertEqual(self.lines("seen"), [])

    def none(self, kind, content, why):
        """Not even the beginning of such a file: an error that says what was
        expected, and nothing is made of it."""
        self.assertEqual(self.take(kind, content), IO, content)
        self.assertIn(why, self.done.stderr)
        self.assertIn("; expected ", self.done.stderr)
        self.assertFalse(self.path("evidence").exists())

    def test_what_is_no_report_at_all(self):
        for text in ("", "<", "<html/>", "{}", "\0", "<nmaprun" * 99):
            self.none("nmap", text, "no report of nmap")
        for content in (b"", b"\xd4\xc3\xb2", b"<html/>", b"x" * 99):
            self.none("pcap", content, "error: ")
        for text in ("", "\n", "a,b\n", "<html/>", self.HEAD[:20]):
            self.none("shadowserver", text, "no report of Shadowserver")
        for text in ("", "\n", "<html>\nno Contact: here\n</html>\n",
                     "x" * 3000, "\0"):
            self.none("security.txt", text, "no field of a security.txt")

    def test_texts_from_outside_are_harmless(self):
        service = ('<service name="x" product="&#155;[31m&lt;script&gt;&#9;'
                   + "y" * 500 + '" version="&#233;" method="probed"/>')
        text = nmap(host("192.0.2.4", port(22, service=service)))
        self.assertEqual(self.take("nmap", text), DONE, self.done.stderr)
        found, = self.lines("seen")[0]["services"]
        self.assertTrue(found["product"].startswith("??[31m<script>?yyy"))
        self.assertLessEqual(len(found["product"]), 200)
        self.assertNotIn("\x9b", self.done.stdout)
        for wrong in (port(22, "exploited"), port(70000), port(-1),
                      port("22 "), port(22, protocol="ip"), port("")):
            self.assertEqual(self.take(
                "nmap", nmap(host("192.0.2.4", wrong))), REFUSED)
            self.assertEqual(self.end()["covered"], 0)

    # --- captures ---

    def test_own_acts_ask_for_their_mandate(self):
        self.assertEqual(self.take("pcap", pcap(
            datagram("192.0.2.1", "192.0.2.4", b"\x50\x01\x00\x01"),
            datagram("192.0.2.4", "192.0.2.1", b"\x50\x45\x00\x01\xffhello",
                     (5683, 40000)))), DONE)
        seen = self.lines("seen")
        self.assertEqual([s["target"] for s in seen], ["192.0.2.4:5683"] * 2)
        self.assertEqual([s["technique"] for s in seen], ["ports.udp"] * 2)
        self.assertNotIn("hello", json.dumps(self.lines()))
        self.assertEqual(sorted(p.name for p in
                                self.path("evidence").iterdir()),
                         ["acts.log", "checkpoints", "mandate.dsse",
                          "owners"])
        self.verified()
        for wrong in (datagram("192.0.2.1", "192.0.2.4", b"", (1, 5999)),
                      datagram("192.0.2.1", "198.51.100.9", b"")):
            self.assertEqual(self.take("pcap", pcap(wrong)), REFUSED)
            self.assertEqual(self.end()["covered"], 0)
        self.assertEqual(self.take("pcap", pcap(
            datagram("192.0.2.1", "192.0.2.4", b""), when=1)), REFUSED)

    def test_traffic_of_others_needs_the_right_to_listen(self):
        content = pcap(datagram("203.0.113.5", "192.0.2.4", b""),
                       datagram("203.0.113.5", "203.0.113.6", b""))
        self.assertEqual(self.take("pcap", content), REFUSED)
        self.assertEqual(self.end()["covered"], 0)
        self.techniques = ["capture.passive"]
        self.assertEqual(self.take("pcap", content), REFUSED)
        self.assertEqual((self.end()["covered"], self.end()["strangers"]),
                         (1, 1))
        self.assertNotIn("203.0.113", json.dumps(self.lines()))
        self.assertEqual(self.lines("seen")[0]["technique"],
                         "capture.passive")
        self.verified()

    def test_what_others_say_in_the_clear_shows_in_headers(self):
        self.techniques = ["capture.passive"]
        clear = b"\x50\x45\x00\x01\xffhello"
        oscore = b"\x50\x44\x00\x02\x90\xffhello"
        for payloads, findings in (
                ((clear, clear, b"\x50\x01\x00\x01"), ["2 of 3 datagrams"]),
                ((oscore,), []), ((b"\x40\0\0\x07",), [])):
            self.assertEqual(
                self.take("pcap", pcap(*(
                    datagram("192.0.2.4", "192.0.2.5", p, (5683, 40000))
                    for p in payloads))),
                FINDINGS if findings else DONE, self.done.stderr)
            found = self.end()["findings"]
            self.assertEqual([(f["finding"], f["detail"][:16])
                              for f in found],
                             [("PC-01.clear", f) for f in findings])
            self.assertNotIn("hello", json.dumps(self.lines()))
            self.verified()
        # at a port that is not CoAP's nothing is known
        self.assertEqual(self.take("pcap", pcap(datagram(
            "192.0.2.4", "192.0.2.5", clear, (5684, 40000)))), DONE)

    def test_secrets_are_kept_as_digests(self):
        request = b"\x50\x01\x00\x01\xb3set\x4d\x00password=1234"
        self.assertEqual(self.take("pcap", pcap(
            datagram("192.0.2.1", "192.0.2.4", request))), FINDINGS)
        secret = [s for s in self.lines("seen") if "secret" in s][0]
        self.assertEqual(secret["secret"], "password")
        self.assertEqual(secret["secret_sha256"],
                         hashlib.sha256(b"1234").hexdigest())
        self.assertNotIn("1234", json.dumps(
            [s for s in self.lines("seen") if "secret" not in s]))
        self.verified()

    def test_captures_that_were_cut_off(self):
        whole = pcap(datagram("192.0.2.1", "192.0.2.4", b""))
        for content in (whole[:30], whole[:-1]):
            self.assertEqual(self.take("pcap", content), DONE)
            self.assertFalse(self.end()["complete"])

    # --- Shadowserver ---

    HEAD = '"timestamp","severity","ip","protocol","port","response_size",' \
        '"response"\n'

    def test_what_answers_from_outside(self):
        self.techniques = ["public"]
        text = self.HEAD + (
            '"2026-11-28 04:17:31","medium","192.0.2.4","udp","5683","569",'
            '"</a>;rt=""x"",\n</b>"\r\n'
            '"2026-11-28 04:17:31","medium","198.51.100.9","udp",5683,9,x\n')
        self.assertEqual(self.take("shadowserver", text), REFUSED,
                         self.done.stderr)
        seen, = self.lines("seen")
        self.assertEqual((seen["target"], seen["clause"]),
                         ("192.0.2.4:5683", "S1"))
        self.assertEqual(seen["response"], '</a>;rt="x",?</b>')
        self.assertEqual(self.end()["findings"][0]["finding"], "PB-01.outside")
        self.assertEqual(self.end()["strangers"], 1)
        self.verified()
        text = text[:text.rindex('"2026')]
        self.assertEqual(self.take("shadowserver", text), FINDINGS)
        self.assertTrue((self.path("evidence") / "report.csv").exists())
        self.verified()

    def test_rows_that_are_none(self):
        self.techniques = ["public"]
        row = '"2026-11-28 04:17:31",,"192.0.2.4","udp","5683","1",""\n'
        for text in (self.HEAD + '"x',
                     self.HEAD + 'a"b,\n', self.HEAD + '"a"b,\n',
                     self.HEAD + "," * 99, self.HEAD + "x\n",
                     self.HEAD + row.replace("udp", "tcp"),
                     self.HEAD + row.replace("5683", "0"),
                     self.HEAD + row.replace("192.0.2.4", "example.org"),
                     self.HEAD + row.replace("04:", "24:")):
            self.assertEqual(self.take("shadowserver", text), DONE, text)
            self.assertFalse(self.end()["complete"], text)
            self.assertEqual(self.lines("seen"), [])

    def test_what_is_public_needs_the_right(self):
        for kind, text in (("shadowserver", self.HEAD),
                           ("security.txt", "Contact: tel:+1-201-555-0123")):
            self.assertEqual(self.take(kind, text), REFUSED)
            self.assertEqual(self.lines("import")[0]["verdict"], "NO_RIGHT")
            self.assertEqual(self.lines("imported"), [])
            self.verified()

    # --- security.txt ---

    def notice(self, text):
        self.techniques = ["public"]
        status = self.take("security.txt", text)
        self.faults = [f["detail"] for f in self.end()["findings"]]
        return status

    def test_whom_to_tell(self):
        text = ("# us\nContact: mailto:security@example.org\r\n"
                "Expires: 2099-12-31T23:59:59.000z\n"
                "Preferred-Languages: en, fr\n\nX-Other: y\n")
        self.assertEqual(self.notice(text), DONE, self.done.stderr)
        self.assertIn("Contact: mailto:security@example.org",
                      self.end()["notes"])
        self.verified()
        signed = ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
                  f"{text}-----BEGIN PGP SIGNATURE-----\n\nabc: d\n"
                  "-----END PGP SIGNATURE-----\n")
        self.assertEqual(self.notice(signed), DONE)
        self.assertIn("not checked", " ".join(self.end()["notes"]))

    def test_what_is_missing_in_a_notice(self):
        contact, expires = "Contact: tel:+1-201-555-0123\n", \
            "Expires: 2099-12-31T23:59:59+02:00\n"
        for text, fault in (
                (contact, "Expires: missing"),
                (expires, "Contact: missing"),
                (contact + expires * 2, "Expires: more than once"),
                (contact + "Expires: 2020-01-01T00:00:00Z\n", "over since"),
                (contact + "Expires: tomorrow\n", "no time"),
                (contact + "Expires: 2099-02-30T00:00:00Z\n", "no time"),
                ("Contact: me\n" + expires, "no URI"),
                ("Contact: http://example.org\n" + expires, "no URI"),
                (contact + expires + "nonsense\n", "neither"),
                (contact + expires + "Preferred-Languages: a\n" * 2,
                 "more than once")):
            self.assertEqual(self.notice(text), FINDINGS, text)
            self.assertTrue(any(fault in f for f in self.faults),
                            (text, self.faults))
        self.notice(contact + "x" * 3000)
        self.assertFalse(self.end()["complete"])

    # --- the command line ---

    def test_without_a_mandate_nothing_is_taken_over(self):
        self.path("scan").write_text(nmap())
        for arguments, status in (
                (("nmap", self.path("scan")), REFUSED), ((), USAGE),
                (("zip", self.path("scan"), "m"), USAGE),
                (("nmap",), USAGE)):
            self.assertEqual(run("import", *arguments).returncode, status)
        signed = self.signed()
        options = ["--owners", self.path("owners.yaml"), "--evidence",
                   self.path("evidence"), "--state", self.path("state")]
        done = run("import", *options, "--key", self.path("owner.pem"),
                   "nmap", self.path("scan"), signed)
        self.assertEqual(done.returncode, REFUSED)
        done = run("import", *options, "--key", self.path("auditor.pem"),
                   "nmap", self.path("nowhere"), signed)
        self.assertEqual(done.returncode, IO)
        self.assertFalse(self.path("evidence").exists())

    def test_after_a_withdrawal_nothing_is_taken_over(self):
        self.path("scan").write_text(nmap())
        run("stop", "--state", self.path("over"), self.mandate()["id"])
        done = run("import", "--owners", self.path("owners.yaml"), "--key",
                   self.path("auditor.pem"), "--evidence",
                   self.path("evidence"), "--state", self.path("over"),
                   "nmap", self.path("scan"), self.signed())
        self.assertEqual(done.returncode, REFUSED)

    def test_a_changed_sight_is_found(self):
        text = nmap(host("192.0.2.4", port(23, "filtered")))
        self.assertEqual(self.take("nmap", text), REFUSED)
        log = self.path("evidence") / "acts.log"
        log.write_text(log.read_text().replace("WRONG_PORT", "ALLOWED"))
        self.assertEqual(run("verify", self.path("evidence")).returncode, 7)


if __name__ == "__main__":
    unittest.main()
