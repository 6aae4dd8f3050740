#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit vuln: answers out of small bases that are written here, and the
order of versions beside dpkg's own."""
import datetime
import hashlib
import json
import os
import random
import shutil
import subprocess
import threading
import time
import unittest
import zipfile

from audit_kit import AUDIT, DONE, FINDINGS, IO, REFUSED, USAGE, Case, run

BANNER = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10"


def osv(name="DSA-5724-1", fixed="1:9.2p1-2+deb12u3", cve="CVE-2024-6387",
        package="openssh", release="Debian:12"):
    events = [{"introduced": "0"}] + ([{"fixed": fixed}] if fixed else [])
    return {"id": name, "modified": "2026-11-01T00:00:00Z", "upstream": [cve],
            "affected": [{"package": {"ecosystem": release, "name": package},
                          "ranges": [{"type": "ECOSYSTEM",
                                      "events": events}]}]}


def nvd(*items):
    return {"resultsPerPage": len(items), "format": "NVD_CVE",
            "version": "2.0", "timestamp": "2026-11-02T00:00:00.000",
            "vulnerabilities": [
                {"cve": {"id": cve, "configurations": [{"nodes": [{
                    "cpeMatch": [{"vulnerable": True, "criteria": criteria,
                                  **bounds}]}]}]}}
                for cve, criteria, bounds in items]}


def openssh(cve="CVE-2024-6387", **bounds):
    return (cve, "cpe:2.3:a:openbsd:openssh:*:*:*:*:*:*:*:*", bounds)


def vex(status, purl="pkg:deb/debian/openssh"):
    return {"document": {"csaf_version": "2.0", "tracking": {
        "id": "VEX-7", "current_release_date": "2026-11-03T00:00:00Z"}},
        "product_tree": {"full_product_names": [{
            "product_id": "P",
            "product_identification_helper": {"purl": purl}}]},
        "vulnerabilities": [{"cve": "CVE-2024-6387",
                             "product_status": {status: ["P"]}}]}


class Vuln(Case):
    def base(self, name, **documents):
        folder = self.path(name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for file, document in documents.items():
            (folder / f"{file}.json").write_text(
                document if isinstance(document, str)
                else json.dumps(document))
        return folder

    def ask(self, service, *bases, status=None):
        option = "--services" if not isinstance(service, str) else "--service"
        if option == "--services":
            service = self.write("services.json", service)
        done = run("vuln", option, service, "--json", *bases)
        result = json.loads(done.stdout)
        answers = {a["id"]: a["answer"] for a in result["vuln"]}
        if status is None:
            told = set(answers.values()) - {"fixed by distribution"}
            status = FINDINGS if told else DONE
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(len(result["findings"]),
                         sum(a != "fixed by distribution"
                             for a in answers.values()))
        return answers, result

    def answer(self, expected, service, *bases):
        answers, _ = self.ask(service, *bases)
        self.assertEqual(answers, {"CVE-2024-6387": expected})


class Answers(Vuln):
    def test_a_back_port_is_not_affected(self):
        """The list says "before 9.8", Debian has mended 9.2p1."""
        feed = self.write("nvd.json", nvd(openssh(versionEndExcluding="9.8")))
        debian = self.base("osv", a=osv())
        self.answer("cannot tell", BANNER, feed)
        for bases in ((feed, debian), (debian, feed)):
            self.answer("fixed by distribution", BANNER, *bases)
        self.answer("fixed by distribution",
                    "Debian:12/openssh@1:9.2p1-2+deb12u10", debian)

    def test_a_revision_without_the_fix_is_affected(self):
        debian = self.base("osv", a=osv(fixed="1:9.2p1-2+deb12u11"))
        answers, result = self.ask(BANNER, debian)
        self.assertEqual(answers, {"CVE-2024-6387": "affected"})
        finding = result["findings"][0]
        self.assertEqual(finding["finding"], "VU-01.affected")
        self.assertIn("fixed in 1:9.2p1-2+deb12u11", finding["detail"])
        self.assertEqual(finding["evidence"]["sha256"],
                         result["bases"][0]["sha256"])

    def test_the_supplier_overrules(self):
        debian = self.base("osv", a=osv(fixed=None))
        for status, expected in (("known_not_affected",
                                  "fixed by distribution"),
                                 ("fixed", "fixed by distribution"),
                                 ("under_investigation", "cannot tell"),
                                 ("known_affected", "affected")):
            said = self.write("vex.json", vex(status))
            self.answer(expected, BANNER, debian, said)
        other = self.write("vex.json",
                           vex("fixed", "pkg:deb/debian/openssh@1:9.1-1"))
        self.answer("affected", BANNER, debian, other)

    def test_a_version_alone_cannot_tell(self):
        feed = self.write("nvd.json", nvd(openssh(versionEndExcluding="9.8"),
                                          openssh("CVE-1", versionEndExcluding
                                                  ="9.2")))
        debian = self.base("osv", a=osv())
        for service in ("cpe:/a:openbsd:openssh:9.2p1",
                        "SSH-2.0-OpenSSH_9.2p1",
                        [{"product": "OpenSSH", "version": "9.2p1"}]):
            self.answer("cannot tell", service, feed, debian)
        answers, _ = self.ask("cpe:/a:openbsd:openssh:9.8p1", feed)
        self.assertEqual(answers, {})

    def test_services_from_a_list(self):
        debian = self.base("osv", a=osv(), b=osv("DSA-2-1", "3", "CVE-2",
                                                 "nginx"))
        services = [{"target": "192.0.2.5:22", "banner": BANNER},
                    {"target": "192.0.2.5:80", "package": "nginx",
                     "version": "2-1", "distribution": "Debian:12"},
                    {"target": "192.0.2.5:99", "banner": "\x1b[31mwhat"}]
        answers, result = self.ask({"services": services}, debian)
        self.assertEqual(answers, {"CVE-2024-6387": "fixed by distribution",
                                   "CVE-2": "affected"})
        self.assertEqual(result["unnamed"], 1)
        self.assertEqual([s["service"] for s in result["services"]],
                         ["192.0.2.5:22 openssh 9.2p1-2+deb12u10",
                          "192.0.2.5:80 nginx 2-1"])

    def test_services_from_a_record(self):
        folder = self.path("evidence")
        folder.mkdir()
        (folder / "acts.log").write_text(
            json.dumps({"seq": 0, "kind": "begin"}, separators=(",", ":")) +
            "\n" + json.dumps({"seq": 1, "target": "192.0.2.5:22",
                               "services": [{"banner": BANNER}]},
                              separators=(",", ":")) +
            "\n" + json.dumps({"seq": 2, "target": "192.0.2.6:22", "service": {
                "name": "ssh", "product": "OpenSSH",
                "version": "9.2p1 Debian 2", "extra": "protocol 2.0",
                "cpe": "cpe:/a:openbsd:openssh:9.2p1"}},
                              separators=(",", ":")) + "\n")
        done = run("vuln", "--evidence", folder, "--into", folder,
                   self.base("osv", a=osv()))
        self.assertEqual((done.returncode, done.stderr), (FINDINGS, ""))
        self.assertIn("192.0.2.5:22 openssh 9.2p1-2+deb12u10: CVE-2024-6387 "
                      "fixed by distribution", done.stdout)
        self.assertIn("192.0.2.6:22 openssh 9.2p1-2: CVE-2024-6387 affected",
                      done.stdout)
        kept = json.loads((folder / "vuln-1.json").read_text())
        self.assertEqual(len(kept["vuln"]), 2)

    def test_order_is_that_of_dpkg(self):
        draw = random.Random(8)
        pairs = []
        for i in range(150):
            a, b = ("".join(draw.choice(["", "0:", "1:"]) + draw.choice("0129")
                            + "".join(draw.choice("01290a.+~z")
                                      for _ in range(draw.randrange(5)))
                            + draw.choice(["", "-1", "-0", "-1~b", "-10"]))
                    for _ in range(2))
            pairs.append((f"p{i}", a, b))
        debian = self.base("osv", **{p: osv(p, b, p, p) for p, _, b in pairs})
        services = [{"package": p, "version": a, "distribution": "Debian:12"}
                    for p, a, _ in pairs]
        answers, _ = self.ask(services, debian)
        for p, a, b in pairs:
            below = subprocess.run(
                ["dpkg", "--compare-versions", a, "lt", b], check=False,
                capture_output=True).returncode == 0
            self.assertEqual(answers[p] == "affected", below, (a, b))


class Record(Vuln):
    """A look-up under a mandate, as a record of its own: nothing is sent, and
    verify and report have all of it."""

    def setUp(self):
        self.folders = [self.path("found"), self.path("looked-up")]
        now = datetime.datetime.now(datetime.timezone.utc)
        self.window = [{"from": (now + datetime.timedelta(hours=h)).strftime(
            "%Y-%m-%dT%H:%M:%SZ")} for h in (-1, 1)]
        self.found, self.made = self.folders
        self.scan(self.mandate())

    def tearDown(self):
        for folder in (*self.folders, self.path("state")):
            shutil.rmtree(folder, ignore_errors=True)

    def mandate(self):
        m = super().mandate()
        m["window"] = [{"from": self.window[0]["from"],
                        "to": self.window[1]["from"]}]
        m["scope"] = [{"clause": "S1", "net": "192.0.2.4", "proto": "tcp",
                       "ports": "22"}]
        m["techniques"] = ["ports.tcp", "services", "vuln"]
        return m

    def scan(self, mandate):
        """A record that has a service in it: of an import."""
        shutil.rmtree(self.found, ignore_errors=True)
        self.path("scan.xml").write_text(
            f'<nmaprun scanner="nmap" start="{int(time.time()) - 60}"><host>'
            '<address addr="192.0.2.4" addrtype="ipv4"/><ports><port '
            'protocol="tcp" portid="22"><state state="open" reason="x"/>'
            '<service name="ssh" product="OpenSSH" method="probed" '
            'version="9.2p1 Debian 2+deb12u10"><cpe>cpe:/a:openbsd:openssh:'
            '9.2p1</cpe></service></port></ports></host><runstats>'
            '<finished exit="success"/></runstats></nmaprun>')
        signed = self.sign("mandate", mandate, "owner", "auditor")
        done = run("import", *self.who(), "--evidence", self.found, "nmap",
                   self.path("scan.xml"), signed)
        self.assertEqual(done.returncode, DONE, done.stderr)

    def who(self, key="auditor"):
        return ("--owners", self.path("owners.yaml"), "--key",
                self.path(f"{key}.pem"), "--state", self.path("state"))

    def look_up(self, *bases, key="auditor", into=None):
        self.done = run("vuln", *self.who(key), "--evidence", self.found,
                        "--into", into or self.made, *bases)
        return self.done.returncode

    def lines(self, kind=None):
        text = (self.made / "acts.log").read_text(encoding="ascii")
        lines = [json.loads(line) for line in text.splitlines()]
        return [x for x in lines if kind in (None, x["kind"])]

    def test_answers_are_in_the_record(self):
        bases = (self.base("osv", a=osv(), b=osv("DSA-2-1", None, "CVE-2")),
                 self.write("nvd.json", nvd(openssh("CVE-3"))))
        self.assertEqual(self.look_up(*bases), FINDINGS, self.done.stderr)
        self.assertIn("CVE-2 affected", self.done.stdout)
        self.assertIn("CVE-3 cannot tell", self.done.stdout)
        self.assertIn("1 acts, 0 refused, 0 not tested, 2 findings, 0 packets",
                      self.done.stdout)
        self.assertEqual([x["kind"] for x in self.lines()], [
            "begin", "intent", "looked_at", "service", "base", "base",
            "answer", "answer", "answer", "result", "stage", "end"])
        begin, intent, looked_at = self.lines()[:3]
        self.assertEqual(begin["stages"], ["vulnerabilities"])
        self.assertEqual((intent["technique"], intent["target"],
                          intent["packets"]), ("vuln", "-", 0))
        old = json.loads(run("verify", "--json", self.found).stdout)
        self.assertEqual((looked_at["run"], looked_at["records"]),
                         (old["run"], old["records"]))
        self.assertEqual(
            self.lines("base")[1]["sha256"],
            hashlib.sha256(bases[1].read_bytes()).hexdigest())
        self.assertEqual(self.lines("base")[0]["date"], "2026-11-01T00:00:00Z")
        self.assertEqual({x["id"]: x["answer"] for x in self.lines("answer")},
                         {"CVE-2024-6387": "fixed by distribution",
                          "CVE-2": "affected", "CVE-3": "cannot tell"})
        self.assertEqual(self.lines("result")[0]["packets"], 0)
        done = run("verify", self.made)
        self.assertEqual(done.returncode, DONE, done.stderr)
        # and the record of the run is as it was
        self.assertEqual(run("verify", self.found).returncode, DONE)

    def test_it_is_in_both_reports(self):
        self.look_up(self.base("osv", a=osv(), b=osv("DSA-2-1", None,
                                                     "CVE-2")))
        for language, words in (("en", "fixed by distribution"),
                                ("fr", "corrigé par la distribution")):
            page = run("report", "--lang", language, "--format", "md",
                       self.made).stdout
            for word in (words, "CVE-2024-6387", "VU-01.affected", "acts.log",
                         self.lines("looked_at")[0]["root"],
                         self.lines("base")[0]["sha256"]):
                self.assertIn(word, page)
        data = json.loads(run("report", "--format", "json", self.made).stdout)
        self.assertEqual(data["figures"]["packets"], 0)
        self.assertEqual([f["finding"] for f in data["findings"]],
                         ["VU-01.affected"])
        self.assertEqual(data["findings"][0]["act"], "A-0")
        lookup, = data["files"]
        self.assertEqual((len(lookup["vuln"]), len(lookup["bases"]),
                          len(lookup["services"])), (2, 1, 1))

    def test_it_is_told_as_an_advisory_on_request(self):
        self.look_up(self.base("osv", a=osv(), b=osv("DSA-2-1", None,
                                                     "CVE-2024-2")))
        done = run("report", "--lang", "en", "--format", "csaf", self.made)
        self.assertEqual(done.returncode, DONE, done.stderr)
        advisory = json.loads(done.stdout)
        document = advisory["document"]
        self.assertEqual((document["category"], document["csaf_version"],
                          document["distribution"]["tlp"]["label"],
                          document["publisher"]["name"]),
                         ("csaf_security_advisory", "2.0", "AMBER",
                          "Audit SARL"))
        products = {p["product_id"] for p in
                    advisory["product_tree"]["full_product_names"]}
        said = {}
        for v in advisory["vulnerabilities"]:
            for status, who in v["product_status"].items():
                said[v["cve"]] = status
                self.assertLessEqual(set(who), products)
        self.assertEqual(said, {"CVE-2024-6387": "fixed",
                                "CVE-2024-2": "known_affected"})
        # and what reads the advisories of others reads it
        path = self.write("advisory.json", advisory)
        self.assertEqual(self.ask(BANNER, path)[0], {})
        # hosts, from a record with findings of its own
        self.assertEqual(json.loads(run(
            "report", "--format", "csaf", self.found).stdout)["document"]
            ["category"], "csaf_base")

    def test_what_is_changed_is_found(self):
        self.look_up(self.base("osv", a=osv(fixed=None)))
        log = self.made / "acts.log"
        text = log.read_text()
        for a, b in (('"affected"', '"fixed by distribution"'),
                     ('"looked_at"', '"unheard_of"'),
                     ("DSA-5724-1", "DSA-5724-2")):
            log.write_text(text.replace(a, b, 1))
            self.assertEqual(run("verify", self.made).returncode, 7, a)
        log.write_text(text)
        self.assertEqual(run("verify", self.made).returncode, DONE)

    def test_without_the_right_there_is_none(self):
        base = self.base("osv", a=osv())
        mandate = self.mandate()
        mandate["techniques"].remove("vuln")
        self.scan(mandate)
        self.assertEqual(self.look_up(base), REFUSED)
        self.assertEqual(self.lines("refused")[0]["verdict"], "NO_RIGHT")
        self.assertEqual(self.lines("answer"), [])
        shutil.rmtree(self.made)
        self.scan(self.mandate())
        self.assertEqual(self.look_up(base, key="owner"), REFUSED)
        self.assertFalse(self.made.exists())
        run("stop", "--state", self.path("state"), self.mandate()["id"])
        self.assertEqual(self.look_up(base), REFUSED)
        self.assertFalse(self.made.exists())

    def test_a_base_that_cannot_be_read_is_said_to_be_so(self):
        self.assertEqual(self.look_up(self.base("osv", a=osv(), b="{")), IO)
        self.assertEqual(self.lines("result")[0]["outcome"], "failed")
        self.assertEqual(len(self.lines("answer")), 1)
        self.assertEqual(run("verify", self.made).returncode, DONE)

    def test_only_of_a_record_that_is_whole_and_into_a_new_one(self):
        base = self.base("osv", a=osv())
        self.assertEqual(self.look_up(base, into=self.found), 7)
        log = self.found / "acts.log"
        log.write_text(log.read_text().replace("OpenSSH", "OpenBSD"))
        self.assertEqual(self.look_up(base), 7)
        self.assertFalse(self.made.exists())
        for left in ("--owners", "--key", "--evidence", "--into"):
            options = {"--owners": "o", "--key": "k", "--evidence": "e",
                       "--into": "i", "--service": BANNER}
            del options[left]
            words = [word for pair in options.items() for word in pair]
            self.assertEqual(run("vuln", *words, base).returncode, USAGE)


class Bases(Vuln):
    def test_date_and_hash_of_a_folder_are_those_of_sha256sum(self):
        debian = self.base("osv", b=osv(), a=osv("DSA-1-1"), Z=osv("DSA-3-1"))
        (debian / "README").write_text("not looked at")
        _, result = self.ask(BANNER, debian)
        said = subprocess.run("LC_ALL=C; sha256sum *.json | sha256sum",
                              shell=True, cwd=debian, check=True, text=True,
                              capture_output=True).stdout.split()[0]
        self.assertEqual(result["bases"], [
            {"name": str(debian), "date": "2026-11-01T00:00:00Z",
             "sha256": said, "files": 3, "records": 3}])

    def test_a_base_out_of_a_pipe(self):
        text = json.dumps(osv())
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_text, args=(text,))
        writer.start()
        result = self.ask(BANNER, pipe)[1]
        writer.join(60)
        self.assertEqual(hashlib.sha256(text.encode()).hexdigest(),
                         result["bases"][0]["sha256"])

    def archive(self, name="all.zip", method=zipfile.ZIP_DEFLATED,
                **documents):
        path = self.path(name)
        with zipfile.ZipFile(path, "w", method) as out:
            for file, text in documents.items():
                out.writestr(file, text)
        return path

    def test_an_archive_is_read_as_it_is(self):
        one, other = json.dumps(osv()), json.dumps(osv("DSA-2-1", None, "CVE-2"))
        path = self.archive(**{"a.json": one, "deeper/b.json": other,
                               "README": "not looked at", "../x.txt": "{"})
        answers, result = self.ask(BANNER, path)
        self.assertEqual(answers, {"CVE-2024-6387": "fixed by distribution",
                                   "CVE-2": "affected"})
        self.assertEqual(result["bases"], [
            {"name": str(path), "date": "2026-11-01T00:00:00Z", "sha256":
             hashlib.sha256(path.read_bytes()).hexdigest(), "files": 2,
             "records": 2}])
        stored = self.archive("stored.zip", zipfile.ZIP_STORED,
                              **{"a.json": one})
        self.answer("fixed by distribution", BANNER, stored)
        self.assertEqual(self.ask(BANNER, self.archive("empty.zip"))[0], {})

    def test_an_archive_that_means_harm(self):
        good = json.dumps(osv())
        long = good[:-1] + " " * (1 << 24) + "}"
        evil = {"a.json": good, "\x1b[31m.json": "[", "long.json": long}
        done = run("vuln", "--service", BANNER, "--json",
                   self.archive(**evil))
        self.assertEqual(done.returncode, IO)
        self.assertEqual(len(json.loads(done.stdout)["vuln"]), 1)
        self.assertIn("all.zip/?[31m.json:1: error: ", done.stderr)
        self.assertIn("all.zip/long.json: error: a document of more than "
                      "16 MiB", done.stderr)
        # a few kilobytes that would be 80 megabytes
        done = run("vuln", "--service", BANNER, self.archive(
            **{f"{n}.json": good + " " * (1 << 23) for n in range(10)}))
        self.assertEqual(done.returncode, IO)
        self.assertIn("all.zip: error: much more in it", done.stderr)

    def test_an_archive_that_is_none(self):
        stored = self.archive("a.zip", zipfile.ZIP_STORED,
                              **{"a.json": json.dumps(osv())})
        whole = stored.read_bytes()
        at, method = whole.index(b"openssh"), whole.index(b"PK\x01\x02") + 10
        for content, why in (
                (whole[:-30], "a.zip: error: "), (whole[:40], "a.zip: "),
                (b"PK\x03\x04" + b"x" * 99, "a.zip: error: "),
                # a letter that was changed, a method that nobody has
                (whole[:at] + b"O" + whole[at + 1:], "a.json: error: CRC"),
                (whole[:8] + b"\x62" + whole[9:method] + b"\x62" +
                 whole[method + 1:],
                 "a.json: error: ")):
            stored.write_bytes(content)
            done = run("vuln", "--service", BANNER, stored)
            self.assertEqual(done.returncode, IO, content[:60])
            self.assertIn(why, done.stderr)
            self.assertNotIn("affected: ", done.stdout)

    def test_hash_of_a_file(self):
        feed = self.write("nvd.json", nvd(openssh()))
        _, result = self.ask(BANNER, feed)
        self.assertEqual(result["bases"][0]["sha256"],
                         hashlib.sha256(feed.read_bytes()).hexdigest())
        self.assertEqual(result["bases"][0]["date"], "2026-11-02T00:00:00Z")

    def test_a_feed_longer_than_the_window(self):
        pad = {"cve": {"id": "CVE-0", "descriptions": "x" * 70000}}
        feed = nvd(openssh("CVE-FIRST"))
        feed["vulnerabilities"] += [pad] * 300
        feed["vulnerabilities"] += nvd(openssh("CVE-LAST"))["vulnerabilities"]
        path = self.write("nvd.json", feed)
        self.assertGreater(path.stat().st_size, 1 << 24)
        answers, result = self.ask(BANNER, path)
        self.assertEqual(set(answers), {"CVE-FIRST", "CVE-LAST"})
        self.assertEqual(result["bases"][0]["sha256"],
                         hashlib.sha256(path.read_bytes()).hexdigest())
        feed["vulnerabilities"][1] = {"cve": {"x": "x" * (1 << 24)}}
        path = self.write("nvd.json", feed)
        done = run("vuln", "--service", BANNER, path)
        self.assertEqual(done.returncode, IO)
        self.assertIn("a record of more than 16 MiB", done.stderr)

    def test_a_refused_file_is_named_and_the_others_count(self):
        debian = self.base("osv", a=osv(), b='{"id": "openssh",\n"modified"',
                           c="[1]", d='{"a": 1}', e="\0")
        done = run("vuln", "--service", BANNER, "--json", debian)
        self.assertEqual(done.returncode, IO)
        result = json.loads(done.stdout)
        self.assertFalse(result["complete"])
        self.assertEqual(len(result["vuln"]), 1)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertTrue(lines[0].startswith(f"{debian}/b.json:2: error: "))

    def test_what_cannot_be_read(self):
        debian = self.base("osv", a=osv())
        for arguments in (("--service", BANNER, self.path("none")),
                          ("--services", self.path("none"), debian),
                          ("--services", self.write("s", "{}"), debian),
                          ("--services", self.write("s", "{"), debian),
                          ("--evidence", self.path("none"), debian)):
            done = run("vuln", *arguments)
            self.assertEqual(done.returncode, IO, arguments)
            self.assertNotEqual(done.stderr, "")

    def test_usage(self):
        for arguments in ((), (self.path("x"),), ("--service", "x"),
                          ("--service",), ("--key", "x", "y")):
            self.assertEqual(run("vuln", *arguments).returncode, USAGE)


if __name__ == "__main__":
    assert os.path.isfile(AUDIT)
    unittest.main()
