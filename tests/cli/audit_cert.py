#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""TL-03 against openssl over TLS 1.2, TLS 1.3 and DTLS, and against covey tls
with certificates of ITS: each fault alone, and a server without any. What is
found is held against an inventory; whether a server has the key of what it
shows is proved by what it signs."""
import base64
import os
import subprocess
import unittest

import its_kit
import namespace_kit
from audit_kit import AUDIT, DONE, FINDINGS, USAGE, run
from audit_lab import Lab, set_up_namespaces

COVEY = os.environ["COVEY"]
FRANCE = 250
CCM_8 = "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"
PLAN = its_kit.PLAN + """  - { file: place, profile: rsu, issuer: aa, years: 1, name: gate,
      countries: [ 250 ],
      permissions: [ { psid: 36, bitmap: "010080" } ] }
"""


ALL = ",".join(f"IP:10.77.0.{n}" for n in range(2, 13))


def address(n):
    return f"10.77.0.{n}"


class Certificates(Lab):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca("ca")
        cls.ca("rival")
        for name, more in (
                ("good", {}), ("old", {"days": -1}), ("soon", {"days": 7}),
                ("small", {"key": ("rsa:1024",)}),
                ("named", {"san": "DNS:lamp.example"}),
                ("elsewhere", {"san": "IP:192.0.2.9"}),
                ("sha1", {"digest": "-sha1"})):
            cls.issue(name, **more)
        cls.steal("good", "stolen")
        cls.call("req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", 900, "-subj",
                 "/CN=alone", "-keyout", "alone.key", "-out", "alone.crt",
                 "-addext", f"subjectAltName=IP:{address(11)}")
        its_kit.pki(cls.folder.name, PLAN)

    @classmethod
    def call(cls, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], check=False,
                              capture_output=True, cwd=cls.folder.name)
        assert done.returncode == 0, done.stderr

    @classmethod
    def ca(cls, name):
        cls.call("req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", 900, "-subj",
                 f"/CN={name}", "-keyout", f"{name}.key", "-out",
                 f"{name}.crt", "-addext", "keyUsage=critical,keyCertSign")

    @classmethod
    def issue(cls, name, days=365, san=ALL, digest="-sha256",
              key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
        cls.call("req", "-newkey", *key, "-nodes", "-subj", f"/CN={name}",
                 "-keyout", f"{name}.key", "-out", f"{name}.csr")
        cls.write(f"{name}.ext", f"subjectAltName={san}\n"
                  "keyUsage=critical,digitalSignature\n"
                  "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n")
        cls.call("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt",
                 "-CAkey", "ca.key", digest, "-days", days, "-extfile",
                 f"{name}.ext", "-out", f"{name}.crt")

    @classmethod
    def steal(cls, name, thief):
        """The certificate of somebody else: beside its public key stands a
        private key that is not its own (RFC 5915), which openssl takes for a
        pair and signs with."""
        cls.call("pkey", "-in", f"{name}.key", "-pubout", "-outform", "DER",
                 "-out", f"{name}.spki")
        public = cls.path(f"{name}.spki").read_bytes()[-65:]
        key = bytes.fromhex("307702010104" "20") + b"\1" * 32 + bytes.fromhex(
            "a00a06082a8648ce3d030107" "a144034200") + public
        cls.write(f"{thief}.key", "-----BEGIN EC PRIVATE KEY-----\n"
                  f"{base64.encodebytes(key).decode()}"
                  "-----END EC PRIVATE KEY-----\n")
        cls.write(f"{thief}.crt", cls.path(f"{name}.crt").read_text())

    def openssl(self, host, name, *options):
        """openssl s_server with a certificate, once it listens."""
        server = namespace_kit.inside(
            host, "openssl", "s_server", "-accept", f"{address(host)}:5684",
            "-key", self.path(f"{name}.key"), "-cert",
            self.path(f"{name}.crt"),
            *(() if "-cipher" in options else
              ("-cipher", "ALL:@SECLEVEL=0")), *options,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.running.append(server)
        self.starting.append((server.stdout, b"ACCEPT"))

    def station(self, host, name, *chain):
        """covey tls server with a certificate of ITS."""
        behind = [a for c in chain
                  for a in ("--chain", self.path(f"{c}.oer"))]
        server = namespace_kit.inside(
            host, COVEY, "tls", "server", "--cert-type", "1609dot2", "--cert",
            self.path(f"{name}.oer"), "--key", self.path(f"{name}.key"),
            "--psid", "36", *behind, f"{address(host)}:5684",
            stdout=subprocess.PIPE)
        self.running.append(server)
        self.starting.append((server.stdout, b"listening"))

    def await_servers(self):
        for output, word in self.starting:
            self.assertTrue(any(word in line for line in output))

    def audit(self, protocol, hosts):
        """Of all hosts in one run: what was found at each, and its notes."""
        self.await_servers()
        inventory = self.write("inventory.json", {"hosts": [
            {"address": address(n), **members}
            for n, members in hosts.items()]})

        def change(m):
            m["techniques"] = ["services.coap", "services.tls"]
            m["scope"] = [{"clause": f"S{n}", "net": address(n),
                           "proto": protocol, "ports": "5684"}
                          for n in hosts]
            m["exclude"] = []
        status = self.run_audit("--check", "TL-03", "--inventory", inventory,
                                self.signed(change))
        self.assertEqual(status, FINDINGS, self.err)
        lines = self.lines()
        self.assertIn("inventory", [f["name"] for f in lines[0]["files"]])
        packets = self.sniffer.sent(6) + self.sniffer.sent(17)
        self.assertEqual(len(packets), lines[-1]["packets"])
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, DONE, done.stderr)
        target = {r["act"]: int(r["target"].split(":")[0].rsplit(".")[-1])
                  for r in lines if r["kind"] == "intent"}
        found = {n: set() for n in hosts}
        notes = {n: [] for n in hosts}
        for r in lines:
            if r["kind"] == "result":
                found[target[r["act"]]] |= {f["finding"]
                                            for f in r["findings"]}
                notes[target[r["act"]]] += r["notes"]
        return found, notes

    def test_each_fault_of_x509_over_dtls(self):
        """One run, a host for each fault and two without any."""
        self.starting = []
        cases = (("good", "ca", [], set()),
                 ("good", "rival", [], {"chain"}),
                 ("old", "ca", [], {"expired"}),
                 ("soon", "ca", [], {"soon"}),
                 ("small", "ca", [], {"weak"}),
                 ("sha1", "ca", [], {"hash"}),
                 ("named", "ca", ["lamp.example"], set()),
                 ("named", "ca", ["door.example"], {"name"}),
                 ("elsewhere", "ca", [], {"name"}),
                 ("alone", None, [], {"self-signed"}),
                 ("stolen", "ca", [], {"unproved"}))
        hosts = {}
        for n, (name, trust, names, _) in enumerate(cases, 2):
            self.openssl(n, name, "-dtls1_2", "-listen", *(
                () if n > 2 else ("-cipher", CCM_8)))
            hosts[n] = {"names": names} if names else {}
            if trust is not None:
                hosts[n]["trust"] = [str(self.path(f"{trust}.crt"))]
        found, notes = self.audit("udp", hosts)
        for n, (*case, expected) in enumerate(cases, 2):
            with self.subTest(case=case):
                self.assertEqual(found[n], {f"TL-03.{e}" for e in expected})
                self.assertIn("certificates 1, X.509", notes[n])
                self.assertEqual("key proved by ServerKeyExchange" in notes[n],
                                 expected != {"unproved"})
        # which is told, and no fault: RFC 7252 Section 9.1.3
        self.assertEqual([n for n in hosts if "suite CCM_8, with tags of 64 "
                          "bits" in notes[n]], [2])
        # two ClientHellos and an alert for each
        self.assertEqual(len(self.sniffer.sent(17)), 3 * len(cases))

    def test_tls_and_stations_of_its(self):
        self.starting = []
        self.openssl(2, "old", "-tls1_3")
        self.openssl(3, "good", "-tls1_2")
        self.station(4, "place", "aa")
        self.station(5, "car")
        root = [str(self.path("root.oer"))]
        found, notes = self.audit("tcp", {
            2: {}, 3: {"its": {"psid": 36}},
            4: {"trust": root, "its": {"psid": 36, "ssp": "010080",
                                       "country": FRANCE}},
            5: {"trust": root, "its": {"psid": 623}}})
        self.assertEqual(found, {
            2: {"TL-03.expired"}, 3: {"TL-03.kind", "TL-01.its"}, 4: set(),
            5: {"TL-03.ticket", "TL-03.chain", "TL-03.permission"}})
        for n, proof in ((2, "proved by CertificateVerify"),
                         (3, "proved by ServerKeyExchange"),
                         (4, "proved by CertificateVerify"),
                         (5, "not proved: an issuer of the chain is not "
                             "known")):
            self.assertIn(f"key {proof}", notes[n])
        self.assertIn("answer alert protocol_version", notes[3])
        self.assertIn("certificates 2, ITS", notes[4])
        # one connection for each that speaks TLS 1.3, with one message
        sent = self.sniffer.sent(6)
        self.assertEqual(sum(p[6] == 2 for p in sent), 5)
        self.assertEqual(sum(p[5] > 0 for p in sent), 5)
        self.assertTrue(all(p[6] & 1 == 0 for p in sent))  # no FIN

    def test_whether_the_server_has_the_key(self):
        self.starting = []
        self.openssl(2, "stolen", "-tls1_2")
        self.openssl(3, "stolen", "-tls1_3")
        # RSA decrypts the key exchange, and signs nothing before its end
        self.openssl(4, "small", "-tls1_2", "-cipher",
                     "AES128-SHA:@SECLEVEL=0")
        trust = {"trust": [str(self.path("ca.crt"))]}
        found, notes = self.audit("tcp", {2: trust, 3: trust, 4: trust})
        self.assertEqual(found, {2: {"TL-03.unproved"}, 3: {"TL-03.unproved"},
                                 4: {"TL-03.weak"}})
        self.assertIn("key not proved: no ServerKeyExchange, RSA decrypts "
                      "here", notes[4])
        self.assertEqual([f["detail"] for r in self.results("TL-03")
                          for f in r["findings"]], [
            "the signature of ServerKeyExchange is wrong",
            "the signature of CertificateVerify is wrong",
            "certificate 0: a key of 80 bits of security; its key is not "
            "proved"])
        sent = self.sniffer.sent(6)
        self.assertEqual(sum(p[5] > 0 for p in sent), 5)

    def test_an_inventory_that_is_wrong(self):
        for text, words in (('{"hosts": [{}]}', "address"),
                            ('{"hosts": [{"address": "lamp.example"}]}',
                             "expected an address"),
                            ('{"hosts": [{"address": "192.0.2.1", "its": '
                             '{"psid": 1, "position": "91,0"}}]}', "degrees"),
                            ('{"hosts": [{"address": "192.0.2.1", "trust": '
                             '["inventory.json"]}]}', "expected"),
                            ('{"hosts": [{"address": "::1"}, {"address": '
                             '"0:0::1"}]}', "twice"),
                            ('{"host": []}', "host")):
            with self.subTest(text=text):
                path = self.write("inventory.json", text)
                self.assertEqual(self.run_audit("--inventory", path,
                                                self.signed()), USAGE)
                self.assertIn(words, self.err)
                self.assertEqual(self.sniffer.sent(), [])
        self.assertEqual(self.run_audit("--inventory", "missing",
                                        self.signed()), 4)


if __name__ == "__main__":
    set_up_namespaces(range(1, 13))
    assert os.path.isfile(AUDIT)
    unittest.main()
