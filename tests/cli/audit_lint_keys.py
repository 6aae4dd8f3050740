#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit lint psk, oscore and group: each finding with a guilty file and
with one that is nearly so."""
import hashlib
import json
import os
import unittest
from pathlib import Path

from audit_kit import AUDIT, IO
from audit_lint import Lint

ROOT = Path(__file__).resolve().parents[2]
GOOD = "9f86d081884c7d659a2feaa0c55ad015"
OTHER = "a3bf4f1b2b0b822cd15d6c15b0f00a08"
NOW = 1764450000  # 2025-11-29T21:00:00Z


def digest(key):
    return hashlib.sha256(key).hexdigest()


def hashed(device, secret, **members):
    return {"device": device, "sha256": digest(secret), **members}


class Psk(Lint):
    kind = "psk"

    def psks(self, *entries, expected=()):
        return self.finds({"psks": list(entries)}, *expected)

    def test_hashes_of_good_keys_are_innocent(self):
        self.psks()
        self.psks(hashed("a", b"x" * 16, bits=128, identity="a"),
                  hashed("b", b"y" * 16))

    def test_keys_of_documentation(self):
        for key in (b"secretPSK", bytes(range(16)), bytes(range(1, 17)),
                    b"0123456789abcdef", bytes.fromhex("1a2b3c4d"),
                    b"1a2b3c4d", b"12345678"):
            found = self.psks(hashed("a", key), expected=["TL-05.default"])
            self.assertTrue(found[0]["detail"].startswith("a: "))
        self.psks({"device": "a", "text": "secretPSK"},
                  expected=["TL-05.default", "TL-05.clear"])

    def test_one_key_on_two_devices(self):
        text = json.dumps({"psks": [
            hashed("a", b"1", bits=128), hashed("b", b"2", bits=128),
            hashed("c", b"1", bits=128), hashed("a", b"1", bits=128)]},
            indent=0)
        found = self.finds(text, "TL-05.shared")
        self.assertRegex(found[0]["detail"], r"^c: the key of a \(line \d+\)")
        self.assertGreater(found[0]["evidence"]["line"], 8)

    def test_keys_that_can_be_found(self):
        for key in ("00" * 16, "a1b2" * 8, "00" * 15 + "01", GOOD[:30],
                    "0" * 32, bytes(range(7, 23)).hex()):
            self.psks({"device": "a", "key": key},
                      expected=["TL-05.weak", "TL-05.clear"])
        for text in ("correct horse", "a password of many words",
                     "83920174658392", "9f86d081884c7d659a2f", ""):
            self.psks({"device": "a", "text": text},
                      expected=["TL-05.weak", "TL-05.clear"])
        self.psks(hashed("a", b"x", bits=64), expected=["TL-05.weak"])

    def test_keys_in_the_clear_are_never_printed(self):
        found = self.psks({"device": "a", "key": GOOD},
                          {"device": "b", "text": OTHER},
                          expected=["TL-05.clear"])
        self.assertNotIn(GOOD, json.dumps(found))
        self.assertNotIn(OTHER, json.dumps(found))

    def test_malformed_inventories(self):
        for document in ({}, {"psks": 1}, {"psks": [1]}, [],
                         {"psks": [{"device": "a"}]},
                         {"psks": [{"sha256": digest(b"")}]},
                         {"psks": [hashed("a", b"", key="00")]},
                         {"psks": [{"device": "a", "sha256": "00"}]},
                         {"psks": [hashed("a", b"", bits=0)]},
                         {"psks": [hashed("", b"")]},
                         {"psks": [hashed("a", b"", x=1)]}):
            found, result = self.lint(self.file(document), status=IO)
            self.assertEqual(found, [])
            self.assertFalse(result["complete"])


def context(**members):
    return {"type": "oscore", "master_secret": GOOD, "sender_id": "01",
            "recipient_id": "02", **members}


class Oscore(Lint):
    kind = "oscore"

    def contexts(self, *documents, expected=()):
        files = [self.file(d) for d in documents]
        found, result = self.lint(*files)
        self.assertEqual(found, list(expected))
        return result["findings"]

    def test_both_ends_of_a_pair_are_innocent(self):
        self.contexts(context(),
                      context(sender_id="02", recipient_id="01"),
                      context(master_secret=OTHER),
                      context(master_salt="00"),
                      context(id_context="00"))

    def test_two_devices_with_one_context(self):
        found = self.contexts(context(), context(),
                              expected=["CO-13.nonce"])
        self.assertIn("oscore-", found[0]["detail"])
        self.contexts(context(), context(recipient_id="03"),
                      expected=["CO-13.nonce"])

    def test_one_secret_for_several_pairs(self):
        self.contexts(context(), context(sender_id="03"),
                      expected=["CO-13.shared-secret"])

    def test_secrets_that_are_none(self):
        for secret in ("0102030405060708090a0b0c0d0e0f10", GOOD[:16],
                       "ab" * 16):
            self.contexts(context(master_secret=secret),
                          expected=["CO-13.weak"])

    def test_what_is_no_context(self):
        for document in ({}, [], {"type": "group"}, context(sender_id=7),
                         context(sender_id="02")):
            found, _ = self.lint(self.file(document), status=IO)
            self.assertEqual(found, [])


def credential(key, end=None):
    """A CCS with an Ed25519 key."""
    claims = f"041a{end:08x}" if end is not None else ""
    return (f"a{2 if claims else 1}{claims}08a101a401010327200621"
            f"5820{key * 32}")


def member(number, key, **members):
    return {"id": number, "credential": credential(key, **members)}


def group(*members, **keys):
    return {"gid": "dd11", "group_encryption": "AES-CCM-16-64-128",
            "signature": "EdDSA", "members": list(members), **keys}


class Group(Lint):
    kind = "group"

    def groups(self, *groups, expected=()):
        return self.finds({"groups": list(groups)}, *expected,
                          options=("--at", NOW))

    def test_contexts_that_are_shipped_are_innocent(self):
        files = sorted((ROOT / "share/contexts").glob("*.yaml"))
        self.assertEqual(self.lint(*files)[0], [])

    def test_an_innocent_list(self):
        self.groups(group(member("01", "11"), member("02", "22"),
                          name="lights", version=3,
                          expires="2025-11-29T21:00:01Z"),
                    group(member("01", "33"), gid="dd12", name="lights",
                          version=4))

    def test_cbc(self):
        for name in ("A128CBC", "-65531", -65530, "AES-256-CBC"):
            self.groups(group(group_encryption=name),
                        expected=["CO-13.cbc"])
        self.groups(group(group_encryption="A128CTR"))

    def test_signatures_over_a_hash(self):
        for name in ("Ed25519ph", "HashEdDSA", "ed448PH"):
            self.groups(group(signature=name), expected=["CO-13.prehash"])

    def test_a_gid_that_comes_again(self):
        self.groups(group(master_secret=GOOD), group(master_secret=OTHER),
                    expected=["CO-13.gid"])
        self.groups(group(master_secret=GOOD), group(master_secret_sha256=
                                                     digest(b"x")),
                    expected=["CO-13.gid"])
        self.groups(group(name="a", version=1), group(name="a", version=2),
                    expected=["CO-13.gid"])
        self.groups(group(master_secret=GOOD),
                    group(master_secret_sha256=digest(bytes.fromhex(GOOD))))

    def test_a_sender_id_that_comes_again(self):
        self.groups(group(member("01", "11"), member("01", "22")),
                    expected=["CO-13.sender-id"])
        self.groups(group(member("01", "11")), group(member("01", "11")))
        own = group(member("02", "22"), sender_id="01",
                    credential=credential("11"))
        other = self.file(group(member("01", "33")))
        found, result = self.lint(self.file(own), other)
        self.assertEqual(found, ["CO-13.sender-id"])
        self.assertEqual(result["findings"][0]["evidence"]["file"],
                         str(other))

    def test_a_key_of_two_members(self):
        self.groups(group(member("01", "11"), member("02", "11")),
                    expected=["CO-13.key"])
        self.groups(group(member("01", "11"), member("02", "11", end=NOW + 1)),
                    expected=["CO-13.key"])
        self.groups(group({"id": "01", "credential_sha256": digest(b"")},
                          {"id": "02", "credential_sha256": digest(b"")}),
                    expected=["CO-13.key"])
        self.groups(group(member("01", "11")),
                    group(member("02", "11"), gid="dd12"))

    def test_what_has_ended(self):
        self.groups(group(member("01", "11", end=NOW + 1)))
        found = self.groups(group(member("01", "11", end=NOW)),
                            expected=["CO-13.expired"])
        self.assertIn("ended 2025-11-29T21:00:00Z", found[0]["detail"])
        self.groups(group(expires="2025-11-29T21:00:00Z"),
                    expected=["CO-13.expired"])
        inner = bytes.fromhex(credential("11", end=NOW - 1))
        cwt = "8440a0" + f"58{len(inner):02x}" + inner.hex() + "40"
        self.groups(group({"id": "01", "credential": cwt}),
                    expected=["CO-13.expired"])

    def test_malformed_lists(self):
        for document in ({}, [], {"groups": [1]}, {"groups": [{}]},
                         {"groups": [group(x=1)]}, {"gid": "zz"},
                         {"groups": [group({"id": "01", "x": 1})]},
                         {"groups": [group(members=7)]},
                         {"groups": [group(expires="tomorrow")]}):
            found, _ = self.lint(self.file(document), status=IO)
            self.assertEqual(found, [], document)


if __name__ == "__main__":
    assert os.path.isfile(AUDIT)
    unittest.main()
