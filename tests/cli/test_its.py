# SPDX-License-Identifier: BSD-2-Clause
"""covey its: a PKI from a description, and each way to be refused."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

COVEY = os.environ["COVEY"]
PLAN = """
certificates:
  - { file: root, profile: root, name: Root, years: 20, curve: CURVE }
  - { file: aa, profile: aa, issuer: root, name: AA, years: 10,
      grants: [ { psid: 36, value: "010000", mask: "ff0003" },
                { psid: 37 }, { psid: 99, opaque: "0102" } ] }
  - { file: ea, profile: ea, issuer: root, name: EA, years: 10 }
  - { file: car, profile: at, issuer: aa, hours: 168, countries: [ 276 ] }
  - { file: rsu, profile: rsu, issuer: aa, years: 1, implicit: true,
      permissions: [ { psid: 36, bitmap: "01ffc0" },
                     { psid: 99, opaque: "0102" } ] }
"""
failed = 0


def covey(*args, stdin=b""):
    got = subprocess.run([COVEY, "its", *map(str, args)], input=stdin,
                         check=False, capture_output=True)
    return got.returncode, got.stdout.decode(), got.stderr.decode()


def expect(status, words, *args, stdin=b""):
    global failed
    code, out, err = covey(*args, stdin=stdin)
    if code != status or words not in out + err:
        failed += 1
        print(f"{args}: {code}, expected {status} with '{words}'\n{out}{err}")
    return out


def pki(where, curve):
    plan = where / "pki.yaml"
    plan.write_text(PLAN.replace("CURVE", curve))
    where.joinpath("pki").mkdir()
    expect(0, "root.oer", "pki", "init", plan, where / "pki")
    expect(0, "rsu.oer", "pki", "issue", plan, where / "pki")
    for name in ("root", "aa", "ea", "car", "rsu"):
        mode = (where / "pki" / f"{name}.key").stat().st_mode & 0o777
        if mode != 0o600:
            sys.exit(f"{name}.key has mode {mode:o}")
    return plan


def chains(p):
    trust = ("--trust", p / "root.oer", "--chain", p / "aa.oer")
    for name in ("car", "rsu", "aa"):
        expect(0, "valid", "verify", *trust, p / f"{name}.oer")
    expect(0, "valid", "verify", "--trust", p / "root.oer", p / "ea.oer")
    expect(1, "the issuer is not known", "verify", "--trust",
           p / "root.oer", p / "car.oer")
    expect(1, "not valid any more", "verify", *trust, "--at",
           "2090-01-01T00:00:00Z", p / "car.oer")
    expect(1, "not valid yet", "verify", *trust, "--at",
           "2020-01-01T00:00:00Z", p / "car.oer")
    expect(1, "no trust anchor", "verify", p / "root.oer")
    verdict = json.loads(expect(0, "", "verify", "--json", *trust,
                                p / "car.oer"))
    if verdict["valid"] is not True or verdict["length"] != 3:
        sys.exit(f"verdict {verdict}")
    verdict = json.loads(expect(1, "", "verify", "--json", p / "car.oer"))
    if verdict["missing"] is not True or len(verdict["hashedId8"]) != 16:
        sys.exit(f"verdict {verdict}")


def spoil(p):
    """A certificate with one bit changed: the signature shows it."""
    raw = bytearray((p / "car.oer").read_bytes())
    raw[-1] ^= 1
    (p / "spoilt.oer").write_bytes(raw)
    expect(1, "the signature is wrong", "verify", "--trust", p / "root.oer",
           "--chain", p / "aa.oer", p / "spoilt.oer")
    (p / "short.oer").write_bytes(raw[:40])
    expect(1, "ends too early", "show", p / "short.oer")
    expect(1, "ends too early", "id", p / "short.oer")


def data(p):
    trust = ("--trust", p / "root.oer", "--chain", p / "aa.oer")
    text = p / "text"
    text.write_bytes(b"hello\n")
    signed = p / "signed"
    for name, extra in (("car", ()), ("rsu", ("--issuer", p / "aa.oer"))):
        expect(0, "", "sign", "--key", p / f"{name}.key", "--psid", 36,
               "--certificate", "--out", signed, *extra, p / f"{name}.oer",
               text)
        expect(0, "valid", "verify-data", *trust, "--psid", 36, "--window",
               60, "--out", p / "back", signed)
        if (p / "back").read_bytes() != b"hello\n":
            sys.exit("other data came back")
        expect(1, "another PSID", "verify-data", *trust, "--psid", 37, signed)
        expect(1, "no pduFunctionalType", "verify-data", *trust, "--pdu-type",
               1, signed)
        expect(1, "signs other data", "verify-data", *trust, "--external",
               text, signed)
    expect(3, "no permission for PSID 40", "sign", "--key", p / "car.key",
           "--psid", 40, p / "car.oer", text)
    expect(1, "another certificate's", "sign", "--key", p / "aa.key",
           "--psid", 36, p / "car.oer", text)
    # for TLS: without being asked for, RFC 8902 Section 7.5
    expect(0, "", "sign", "--key", p / "car.key", "--psid", 36, "--pdu-type",
           1, "--external", text, "--out", signed, p / "car.oer")
    chain = ("--chain", p / "car.oer")
    expect(1, "another pduFunctionalType", "verify-data", *trust, *chain,
           "--external", text, signed)
    expect(0, "valid", "verify-data", *trust, *chain, "--external", text,
           "--pdu-type", 1, signed)
    expect(1, "the issuer is not known", "verify-data", *trust, "--external",
           text, "--pdu-type", 1, signed)


# A CRACA that signs its lists itself, of series 7.
IEEE = """
certificates:
  - { file: craca, profile: root, name: CRACA, years: 20, permissions:
      [ { psid: 256, opaque: "00010001010007" } ] }
  - { file: ca, profile: aa, issuer: craca, years: 10, craca: craca,
      crl_series: 7, grants: [ { psid: 36 } ] }
  - { file: one, profile: at, issuer: ca, hours: 9, craca: craca,
      crl_series: 7, permissions: [ { psid: 36 } ] }
  - { file: two, profile: at, issuer: ca, hours: 9, craca: craca,
      crl_series: 7, permissions: [ { psid: 36 } ] }
  - { file: other, profile: at, issuer: ca, hours: 9, craca: craca,
      crl_series: 8, permissions: [ { psid: 36 } ] }
"""


def ieee(where):
    plan = where / "ieee.yaml"
    plan.write_text(IEEE)
    p = where / "ieee"
    p.mkdir()
    expect(0, "craca.oer", "pki", "init", plan, p)
    expect(0, "two.oer", "pki", "issue", plan, p)
    crl = p / "crl"
    make = ("crl", "--key", p / "craca.key", "--out", crl)
    trust = ("--trust", p / "craca.oer", "--chain", p / "ca.oer")
    expect(0, "", *make, "--series", 7, "--serial", 3, p / "craca.oer",
           p / "one.oer")
    expect(0, "valid", "verify-data", "--psid", 256, "--trust",
           p / "craca.oer", crl)
    expect(1, "revoked", "verify", *trust, "--crl", crl, p / "one.oer")
    expect(0, "valid", "verify", *trust, "--crl", crl, p / "two.oer")
    expect(0, "valid", "verify", *trust, "--crl", crl, p / "other.oer")
    expect(3, "of another CRACA or series", *make, "--series", 7,
           p / "craca.oer", p / "other.oer")
    expect(3, "no permission for PSID 622", *make, p / "craca.oer")
    expect(3, "no permission for PSID 256", "crl", "--key", p / "ca.key",
           "--series", 7, p / "ca.oer")
    # A list that the SSP is not about.
    expect(0, "", *make, "--series", 8, p / "craca.oer")
    expect(1, "may not sign", "verify", *trust, "--crl", crl, p / "one.oer")
    # A newer list is due.
    due = ("--series", 7, "--next", "2026-01-02T00:00:00Z")
    expect(0, "", *make, *due, p / "craca.oer", p / "one.oer")
    expect(1, "there must be a newer list", "verify", *trust, "--crl", crl,
           p / "two.oer")
    expect(1, "revoked", "verify", *trust, "--crl", crl, p / "one.oer")
    expect(0, "valid", "verify", *trust, "--crl", crl, "--overdue",
           4000000000, p / "two.oer")


def keys(p):
    (p / "open.key").write_bytes((p / "car.key").read_bytes())
    for mode in (0o644, 0o640, 0o604):
        (p / "open.key").chmod(mode)
        expect(3, "expected a file with 0600", "sign", "--key",
               p / "open.key", "--psid", 36, p / "car.oer", p / "text")
    expect(4, "No such file", "sign", "--key", p / "none.key", "--psid", 36,
           p / "car.oer", p / "text")


def lists(p):
    crl = p / "crl"
    trust = ("--trust", p / "root.oer", "--chain", p / "aa.oer")
    expect(0, "", "crl", "--key", p / "root.key", "--out", crl,
           p / "root.oer")
    expect(0, "valid", "verify", *trust, "--crl", crl, p / "car.oer")
    expect(0, "", "crl", "--key", p / "root.key", "--out", crl,
           p / "root.oer", p / "aa.oer")
    expect(0, "ETSI CRL", "show", crl)
    expect(0, "thisUpdate: 20", "show", crl)
    expect(1, "revoked", "verify", *trust, "--crl", crl, p / "car.oer")
    expect(0, "valid", "verify", "--trust", p / "root.oer", "--crl", crl,
           p / "ea.oer")
    expect(3, "issued by another", "crl", "--key", p / "root.key",
           p / "root.oer", p / "car.oer")
    expect(3, "no permission for PSID 622", "crl", "--key", p / "aa.key",
           p / "aa.oer", p / "car.oer")
    raw = bytearray(crl.read_bytes())
    raw[-1] ^= 1
    crl.write_bytes(raw)
    expect(1, "the signature is wrong", "verify", *trust, "--crl", crl,
           p / "ea.oer")


def forms(p):
    shown = json.loads(expect(0, "", "show", "--json", p / "rsu.oer"))
    if shown["type"] != "implicit" or len(shown["appPermissions"]) != 2:
        sys.exit(f"shown {shown}")
    for form in ("hex", "base64", "binary"):
        out = p / f"aa.{form}"
        expect(0, "", "convert", "--to", form, "--out", out, p / "aa.oer")
        expect(0, "", "convert", "--to", "binary", "--out", p / "again", out)
        if (p / "again").read_bytes() != (p / "aa.oer").read_bytes():
            sys.exit(f"{form}: other bytes came back")
    expect(4, "neither binary, hex nor base64", "show", "-", stdin=b"?!")
    digest = json.loads(expect(0, "", "id", "--json", p / "aa.oer"))
    if not digest["digest"].endswith(digest["hashedId10"]):
        sys.exit(f"id {digest}")


def plans(where, plan):
    p = where / "pki"
    expect(3, "is there already", "pki", "issue", plan, p, "car")
    expect(2, "not in", "pki", "issue", plan, p, "nobody")
    bad = where / "bad.yaml"
    entry = "certificates: [ { file: x, profile: at, years: 1, issuer: aa, "
    for words, text in (
            ("expected", entry + "implicit: maybe } ]"),
            ("expected P-256", entry + "implicit: true, curve: P-384 } ]"),
            ("one of years and hours", entry + "hours: 1 } ]"),
            ("same length", entry + "permissions: "
             "[ { psid: 1, value: '01', mask: '0102' } ] } ]"),
            ("two have the file 'x'", "certificates: [ { file: x, profile: "
             "root, years: 1 }, { file: x, profile: root, years: 2 } ]"),
            ("without '/'", "certificates: [ { file: a/b, profile: root, "
             "years: 1 } ]"),
            ("expected an issuer", "certificates: [ { file: a, profile: aa, "
             "years: 1 } ]")):
        bad.write_text(text)
        expect(4, words, "pki", "issue", bad, p, "x")
    # what an issuer may not grant is not issued
    bad.write_text(entry + "permissions: [ { psid: 40 } ] } ]")
    expect(1, "may not grant this PSID", "pki", "issue", bad, p)
    if (p / "x.oer").exists() or (p / "x.key").exists():
        sys.exit("a certificate that is not valid was written")


def main():
    for curve in ("P-256", "brainpoolP384r1"):
        with tempfile.TemporaryDirectory() as folder:
            where = Path(folder)
            plan = pki(where, curve)
            chains(where / "pki")
            if curve == "P-256":
                spoil(where / "pki")
                data(where / "pki")
                keys(where / "pki")
                forms(where / "pki")
                plans(where, plan)
            lists(where / "pki")
            if curve == "P-256":
                ieee(where)
    expect(2, "unknown verb", "nothing")
    expect(2, "expected 'init' or 'issue'", "pki")
    expect(2, "missing", "show")
    expect(2, "wants --key", "sign", "x", "y")
    for verb in ("show", "id", "verify", "convert", "sign", "verify-data",
                 "crl"):
        expect(0, "usage: covey its " + verb, verb, "--help")
    sys.exit(1 if failed else 0)


main()
