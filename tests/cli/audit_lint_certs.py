#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit lint certs: certificates of openssl and of covey its, each fault
alone, and such as have none."""
import os
import subprocess
import time
import unittest

import its_kit
from audit_kit import AUDIT, IO, USAGE, run
from audit_lint import Lint

PLAN = its_kit.PLAN + """  - { file: place, profile: rsu, issuer: aa, years: 1, name: gate,
      countries: [ 250 ],
      permissions: [ { psid: 36, bitmap: "010080" } ] }
"""
DAY = 86400


class Certs(Lint):
    kind = "certs"

    @classmethod
    def openssl(cls, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True,
                       capture_output=True, cwd=cls.folder.name)

    @classmethod
    def root(cls, name, *more):
        cls.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", 900,
                    "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                    f"{name}.crt", *more)

    @classmethod
    def issue(cls, name, *more, key=("ec", "-pkeyopt",
                                     "ec_paramgen_curve:P-256")):
        """NAME.crt of the CA, and NAME.pem with the CA's behind it."""
        cls.openssl("req", "-new", "-newkey", *key, "-nodes", "-subj",
                    f"/CN={name}", "-keyout", f"{name}.key", "-out",
                    f"{name}.csr")
        cls.write(f"{name}.ext", "subjectAltName=DNS:lamp.example\n"
                  "keyUsage=critical,digitalSignature\n")
        cls.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt",
                    "-CAkey", "ca.key", "-CAcreateserial", "-extfile",
                    f"{name}.ext", "-out", f"{name}.crt",
                    *(more or ("-days", 300)))
        cls.path(f"{name}.pem").write_bytes(
            cls.path(f"{name}.crt").read_bytes() +
            cls.path("ca.crt").read_bytes())

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("ca", "rival"):
            cls.root(name, "-addext", "keyUsage=critical,keyCertSign")
        cls.issue("good")
        its_kit.pki(cls.folder.name, PLAN)

    def certs(self, *names, expected=(), options=()):
        found, result = self.lint(*map(self.path, names), options=options)
        self.assertEqual(found, list(expected))
        return result["findings"]


class X509(Certs):
    def test_a_chain_is_innocent(self):
        self.certs("good.pem", "good.crt")
        self.openssl("x509", "-in", "good.crt", "-outform", "DER", "-out",
                     "good.der")
        self.certs("good.der")

    def test_dates(self):
        now = int(time.time())
        self.certs("good.pem", expected=["TL-03.soon"],
                   options=("--at", now + 280 * DAY))
        found = self.certs("good.pem", expected=["TL-03.expired"],
                           options=("--at", now + 400 * DAY))
        self.assertEqual(found[0]["evidence"]["file"],
                         str(self.path("good.pem")))
        self.certs("good.pem", expected=["TL-03.early"],
                   options=("--at", now - DAY))

    def test_strength(self):
        self.issue("small", key=("rsa:1024",))
        self.certs("small.crt", expected=["TL-03.weak"])
        self.issue("sha1", "-days", 300, "-sha1")
        self.certs("sha1.crt", expected=["TL-03.hash"])

    def test_a_certificate_that_signs_itself(self):
        self.root("alone")
        self.certs("alone.crt", expected=["TL-03.self-signed"])

    def test_a_chain_of_somebody_else(self):
        self.path("wrong.pem").write_bytes(
            self.path("good.crt").read_bytes() +
            self.path("rival.crt").read_bytes())
        self.certs("wrong.pem", expected=["TL-03.chain"])

    def test_against_an_inventory(self):
        inventory = self.write("inventory", {"hosts": [
            {"address": "192.0.2.2", "names": ["lamp.example"],
             "trust": ["ca.crt"]},
            {"address": "192.0.2.3", "names": ["gate.example"],
             "trust": ["rival.crt"]}]})
        options = ("--inventory", inventory, "--target")
        self.certs("good.pem", options=(*options, "192.0.2.2"))
        self.certs("good.pem", options=(*options, "192.0.2.3"),
                   expected=["TL-03.name", "TL-03.chain"])

    def test_what_is_no_certificate(self):
        self.openssl("pkey", "-in", "good.key", "-out", "key.pem")
        for name, text in (("key.pem", None), ("empty", ""), ("a", "hello"),
                           ("b", "-----BEGIN CERTIFICATE-----\nAA\n"),
                           ("c", "0\x80")):
            if text is not None:
                self.write(name, text)
            found, result = self.lint(self.path(name), status=IO)
            self.assertEqual(found, [])
            self.assertFalse(result["complete"])

    def test_usage(self):
        good = self.path("good.crt")
        for options in (("--target", "192.0.2.2"), ("--inventory", good),
                        ("--inventory", good, "--target", "lamp")):
            self.assertEqual(run("lint", "certs", *options, good).returncode,
                             IO)
        self.assertEqual(run("lint", "certs").returncode, USAGE)


class Its(Certs):
    def test_a_chain_is_innocent(self):
        self.certs("root.oer", "aa.oer", "rsu.oer")
        self.certs("rsu.oer")

    def test_a_station_with_the_ticket_of_a_vehicle(self):
        self.certs("root.oer", "aa.oer", "car.oer",
                   expected=["TL-03.ticket"])

    def test_an_issuer_that_is_missing_or_another(self):
        self.certs("root.oer", "rsu.oer", expected=["TL-03.chain"])
        found = self.certs("other.oer", "aa.oer", "rsu.oer",
                           expected=["TL-03.chain"] * 2)
        self.assertEqual(found[1]["evidence"]["file"],
                         str(self.path("rsu.oer")))

    def test_dates(self):
        after = int(time.time()) + 400 * DAY
        self.certs("rsu.oer", expected=["TL-03.expired"],
                   options=("--at", after))

    def test_service_and_place(self):
        def host(**its):
            return ("--target", "192.0.2.7", "--inventory", self.write(
                "inventory", {"hosts": [{"address": "192.0.2.7",
                                         "trust": ["root.oer"],
                                         "its": its}]}))
        self.certs("place.oer", options=host(psid=623),
                   expected=["TL-03.permission", "TL-03.chain"])
        self.certs("place.oer", options=host(psid=36, ssp="010080"),
                   expected=["TL-03.chain"])

    def test_what_is_no_certificate(self):
        self.path("cut.oer").write_bytes(
            self.path("rsu.oer").read_bytes()[:-1])
        self.certs("cut.oer", expected=["TL-03.chain"])


if __name__ == "__main__":
    assert os.path.isfile(AUDIT)
    unittest.main()
