# SPDX-License-Identifier: BSD-2-Clause
"""`covey group` on every exchange of the vectors: each derived key, each
protected message with all values between, both ends, and the checker."""
import unittest

from group_kit import (Case, DONE, NEGATIVE, checker, context, flip, load)

FILE = load()
CASES = {case["id"]: case for case in FILE["cases"]}

# Of a trace, what the vectors have, too.
TRACED = ("oscore_option", "nonce", "external_aad", "aad", "plaintext",
          "ciphertext", "countersign_tbs", "signature", "keystream_salt",
          "keystream_info", "keystream", "encrypted_signature",
          "encryption_key")
OURS = {"oscore_option": "oscore_option_value",
        "countersign_tbs": "to_be_signed",
        "encrypted_signature": "masked_signature"}


def readable(case):
    """The own credential must be one whose public key can be found."""
    return not case["credential_format"].startswith("opaque")


def role_of(message):
    return "client" if message["direction"] == "request" else "server"


def to_protect(case, message):
    """Options for making this message."""
    request = case["exchange"][0]
    args = ["--mode", message["mode"]]
    if message["ssn"] is not None:
        args += ["--number", message["ssn"]]
    if message is request:
        return args
    args += ["--request", request["protected"]]
    if message["ssn"] is not None:
        args.append("--own-piv")
    flags = int(message["oscore_option"][:2] or "0", 16)
    if flags & 0x08 and request["mode"] == "pairwise":
        args.append("--kid")
    return args


def to_unprotect(case, message):
    request = case["exchange"][0]
    return [] if message is request else ["--request", request["protected"]]


def is_random(case, message):
    """ECDSA: another signature each time."""
    return case["key_kind"] == "P-256" and message["mode"] == "group"


class Vectors(Case):
    def contexts(self, case):
        return {role: self.write(context(case, role))
                for role in case["endpoints"]}

    def check_trace(self, message, got, names):
        for name in names:
            self.assertEqual(got.get(OURS.get(name, name)),
                             message.get(name), msg=name)

    def test_derives_what_both_ends_have(self):
        for case in filter(readable, CASES.values()):
            with self.subTest(case["id"]):
                keys = case["derived"]
                for role, path in self.contexts(case).items():
                    self.check_derived(
                        keys, role, "server" if role == "client" else "client",
                        self.values(DONE, "derive", path, "--keys"))

    def check_derived(self, keys, own, other, got):
        self.assertEqual(got["common_iv"], keys["common_iv"])
        self.assertEqual(got["sender_key"], keys[own + "_sender_key"])
        self.assertEqual(got.get("signature_encryption_key"),
                         keys.get("signature_encryption_key"))
        (peer,) = got["members"]
        self.assertEqual(peer["recipient_key"],
                         keys[other + "_sender_key"])
        for ours, theirs in (
                ("shared_secret", "shared_secret"),
                ("pairwise_sender_key", f"pairwise_key_{own}_to_{other}"),
                ("pairwise_recipient_key", f"pairwise_key_{other}_to_{own}")):
            self.assertEqual(peer.get(ours), keys.get(theirs))

    def test_protects_byte_for_byte(self):
        for case in filter(readable, CASES.values()):
            paths = self.contexts(case)
            for message in case["exchange"]:
                with self.subTest(case["id"], ssn=message["ssn"]):
                    self.check_protected(case, message,
                                         paths[role_of(message)])

    def check_protected(self, case, message, path):
        args = [path, message["plain_message"], *to_protect(case, message)]
        got = self.values(DONE, "protect", *args, "--explain", "--keys")
        if is_random(case, message):
            self.check_trace(message, got,
                             TRACED[:6] + TRACED[8:11] + TRACED[12:])
            return
        self.check_trace(message, got, TRACED)
        self.assertEqual(got["protected"], message["protected"])

    def test_unprotects_all(self):
        for case in filter(readable, CASES.values()):
            paths = self.contexts(case)
            for message in case["exchange"]:
                with self.subTest(case["id"], ssn=message["ssn"]):
                    role = role_of(message)
                    other = "server" if role == "client" else "client"
                    self.check_unprotected(
                        case, message, paths[other],
                        case["endpoints"][role]["sender_id"])

    def check_unprotected(self, case, message, path, sender):
        got = self.values(DONE, "unprotect", path, message["protected"],
                          *to_unprotect(case, message), "--explain", "--keys")
        self.assertEqual((got["verdict"], got["sender"], got["mode"]),
                         ("fresh", sender, message["mode"]))
        self.check_trace(message, got, TRACED)
        if "observe" not in case["id"] or message is case["exchange"][0]:
            self.assertEqual(got["unprotected"], message["plain_message"])

    def test_own_messages_of_ecdsa_come_back(self):
        case = CASES["p256-group-group"]
        paths = self.contexts(case)
        request = case["exchange"][0]
        sealed = self.covey(DONE, "protect", paths["client"],
                            request["plain_message"]).strip()
        self.assertEqual(len(sealed), len(request["protected"]))
        got = self.values(DONE, "unprotect", paths["server"], sealed)
        self.assertEqual(got["unprotected"], request["plain_message"])

    def test_checks_signatures_without_reading(self):
        for case in CASES.values():
            if case["derived"]["signature_encryption_key"] is None:
                continue
            path = self.write(checker(case))
            for message in case["exchange"]:
                with self.subTest(case["id"], ssn=message["ssn"]):
                    self.check_verified(case, message, path)

    def check_verified(self, case, message, path):
        args = [path, message["protected"], *to_unprotect(case, message)]
        kid = case["endpoints"][role_of(message)]["sender_id"]
        if message["mode"] == "pairwise":
            self.refuses(NEGATIVE, "pairwise mode", "verify", *args)
            return
        got = self.values(DONE, "verify", *args, "--to", kid, "--explain",
                          "--keys")
        self.assertEqual((got["verdict"], got["sender"]), ("verified", kid))
        self.check_trace(message, got, TRACED[2:3] + TRACED[5:12])
        for secret in ("plaintext", "encryption_key", "unprotected"):
            self.assertNotIn(secret, got)

    def test_checker_refuses_any_change(self):
        case = CASES["alg-24-24-group-group"]
        path = self.write(checker(case))
        request = case["exchange"][0]["protected"]
        # Message ID and token are the network's; all behind is signed.
        for at in range(len(request) // 2):
            got = self.run_covey("verify", path, flip(request, at))
            if 1 < at < 6:
                self.assertEqual(got.returncode, DONE, msg=at)
            elif at not in (0, 1):
                self.assertEqual(got.returncode, NEGATIVE, msg=at)


# What the program says of each broken message of the vectors.
FAULTS = {
    "tag-flip": "bad-signature", "sig-flip": "bad-signature",
    "sig-missing": "bad-signature",
    "trunc-63": "bad-signature", "payload-72": "bad-signature",
    "payload-none": "bad-cose", "groupflag-off": "not-decrypted",
    "kid-other": "no-sender", "gid-other": "no-context",
    "no-kidctx": "bad-cose", "no-kid": "bad-cose", "no-piv": "bad-cose",
    "flag-bit7": "bad-cose", "flag-bit6": "bad-cose", "n6": "bad-cose",
    "n7": "bad-cose", "opt-zero": "bad-cose", "opt-trunc": "bad-cose",
    "two-options": "bad-cose",
}


# The file has not the exchange itself that messages were broken of, but one
# with the same request.
BROKEN = [b for b in FILE["negative"] if b["id"] != "replay"]
BASE = CASES["alg-10-10-group-pairwise"]


class Broken(Case):
    def test_they_were_broken_of_this_request(self):
        request = BASE["exchange"][0]["protected"]
        (replay,) = [b for b in FILE["negative"] if b["id"] == "replay"]
        self.assertEqual(replay["protected"], request)
        self.assertEqual(set(FAULTS), {b["id"] for b in BROKEN})

    def test_refuses_every_broken_message_by_its_name(self):
        for broken in BROKEN:
            with self.subTest(broken["id"]):
                path = self.write(context(BASE, "server"))
                got = self.values(NEGATIVE, "unprotect", path,
                                  broken["protected"], "--explain")
                self.assertEqual(got["verdict"], "refused")
                self.assertEqual(got["refused"], FAULTS[broken["id"]])
                self.assertIn("Section", got["section"])
                for content in ("unprotected", "plaintext"):
                    self.assertNotIn(content, got)

    def test_checker_refuses_what_breaks_group_mode(self):
        for broken in BROKEN:
            with self.subTest(broken["id"]):
                path = self.write(checker(BASE))
                got = self.values(NEGATIVE, "verify", path,
                                  broken["protected"])
                self.assertEqual(got["verdict"], "refused")

    def test_refuses_what_was_received_before(self):
        (replay,) = [b for b in FILE["negative"] if b["id"] == "replay"]
        document = context(BASE, "server")
        args = ("unprotect", self.write(document), replay["protected"])
        self.assertEqual(self.values(DONE, *args)["verdict"], "fresh")
        document["members"][0]["number"] = 1
        got = self.values(NEGATIVE, "unprotect", self.write(document),
                          replay["protected"])
        self.assertEqual(got["refused"], "replay")


if __name__ == "__main__":
    unittest.main()
