# SPDX-License-Identifier: BSD-2-Clause
"""covey selftest oscore on vectors of groups, proofs of possession and key
updates: they pass, and every value of every case is looked at: a case with one
of them spoilt fails by its name."""
import copy
import json
import os
import sys
import tempfile
import unittest

import selftest_files as files

COVEY = ""
FOLDER = ""
GROUP = "group_oscore_generated.json"
POP = "group_manager_pop.json"
KUDOS = "kudos_generated.json"
# What a person reads, and what decides which values there are.
WORDS = {"id", "description", "spec", "note", "source", "why",
         "credential_format", "key_kind", "direction", "mode"}
# Inputs that show in no value of their case: the first sequence number of one
# who never uses it.
UNUSED = {"initial_ssn"}


def load(name):
    return files.load(FOLDER, name)


def run_document(document):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "vectors.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(document, out)
        return files.run(COVEY, path, kind="oscore")


def leaves(node, path=()):
    """The path of each value that is computed or compared."""
    items = (node.items() if isinstance(node, dict) else
             enumerate(node) if isinstance(node, list) else ())
    for key, value in items:
        if key in WORDS or key == "confirmed_by" or key in UNUSED:
            continue
        if isinstance(value, (dict, list)):
            yield from leaves(value, path + (key,))
        else:
            yield path + (key,)


def spoilt_values(value):
    """Other values of the same kind. The bits are ones that X25519 does not
    ignore; what is appended is not 00, with which a salt stays the same."""
    if isinstance(value, int):
        return [value + 1]
    if not value:
        return ["01"]
    data = bytearray.fromhex(value)
    first, last = bytearray(data), bytearray(data)
    first[0] ^= 0x10
    last[-1] ^= 0x20
    return [first.hex(), last.hex(), value[:-2], value + "01"]


def spoil(case, path, value):
    changed = copy.deepcopy(case)
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return changed


def value_at(case, path):
    for key in path:
        case = case[key]
    return case


def every_spoilt(case, few):
    """A copy for each value, spoilt in one way (`few`) or in all; its name
    says what has been spoilt."""
    for path in leaves(case):
        for i, value in enumerate(spoilt_values(value_at(case, path))):
            if few and i != len(path) % 4 and i > 0:
                continue
            changed = spoil(case, path, value)
            changed["id"] = (case["id"].replace(" ", "_") + ":" +
                             ".".join(str(p) for p in path) + f":{i}")
            yield changed


class Vectors(unittest.TestCase):
    def passes(self, name, count):
        result = files.run(COVEY, os.path.join(FOLDER, name), kind="oscore")
        self.assertEqual([], list(result.failed.values()))
        self.assertEqual(f"{count} passed, 0 failed", result.last)
        self.assertTrue(result.consistent())

    def test_all_pass(self):
        self.passes(GROUP, 124)
        self.passes(POP, 16)
        self.passes(KUDOS, 5)

    def all_fail(self, cases, kind="cases"):
        result = run_document({kind: cases})
        self.assertEqual([], result.passed)
        self.assertEqual({c["id"] for c in cases}, set(result.failed))
        self.assertEqual(1, result.status)
        return len(cases)

    def test_every_value_of_every_group_case(self):
        tried = 0
        thorough = ("p256-group-pairwise", "observe-group", "ssn-255",
                    "alg-10--65534-group-group", "pairwiseonly", "options-post",
                    "kid-in-pairwise-response", "grouponly-ctr",
                    "cred-opaque_x509_like-group")
        for case in load(GROUP)["cases"]:
            few = case["id"] not in thorough
            tried += self.all_fail(list(every_spoilt(case, few)))
        self.assertGreater(tried, 5000)

    def test_every_value_of_the_other_cases(self):
        tried = 0
        for name in (POP, KUDOS):
            for case in load(name)["vectors"]:
                tried += self.all_fail(list(every_spoilt(case, False)),
                                       "vectors")
        self.assertGreater(tried, 800)

    def test_mode_and_direction(self):
        turned = []
        for case in load(GROUP)["cases"]:
            for i, message in enumerate(case["exchange"]):
                for key, words in (("mode", ("group", "pairwise", "x")),
                                   ("direction",
                                    ("request", "response", "x"))):
                    for word in words:
                        if word != message[key]:
                            changed = spoil(case, ("exchange", i, key), word)
                            changed["id"] = f"{case['id']}:{i}:{word}"
                            turned.append(changed)
        for i in range(0, len(turned), 50):
            self.all_fail(turned[i:i + 50])

    def test_first_number_of_who_uses_it(self):
        changed = []
        for case in load(GROUP)["cases"]:
            for side, name in (("client", "request"), ("server", "response")):
                used = [m for m in case["exchange"]
                        if m["direction"] == name and m["ssn"] is not None]
                if used:
                    number = case["endpoints"][side]["initial_ssn"]
                    for other in (number - 1, number + 1):
                        if other >= 0:
                            changed.append(spoil(
                                case, ("endpoints", side, "initial_ssn"),
                                other))
                            changed[-1]["id"] += f":{side}:{other}"
        for i in range(0, len(changed), 50):
            self.all_fail(changed[i:i + 50])

    def test_key_kind(self):
        cases = []
        for case in load(GROUP)["cases"]:
            for kind in ("Ed25519", "X25519", "P-256", "Ed448", ""):
                if kind != case["key_kind"]:
                    cases.append(spoil(case, ("key_kind",), kind))
                    cases[-1]["id"] += f":{kind}"
        for i in range(0, len(cases), 50):
            self.all_fail(cases[i:i + 50])

    def test_key_beside_the_credential(self):
        """CCS has to be read and to hold the key; only what is called
        otherwise is not looked into."""
        case = load(GROUP)["cases"][0]
        for name in ("client", "server"):
            other = "server" if name == "client" else "client"
            swapped = spoil(case, ("endpoints", name, "credential"),
                            case["endpoints"][other]["credential"])
            result = run_document({"cases": [swapped]})
            self.assertIn("public key in the credential",
                          result.failed[case["id"]])
            broken = spoil(case, ("endpoints", name, "credential"), "a1")
            result = run_document({"cases": [broken]})
            self.assertIn("a credential", result.failed[case["id"]])

    def test_swapped_messages(self):
        """What one exchange says is no part of another."""
        cases = [c for c in load(GROUP)["cases"]
                 if c["id"] in ("ssn-0", "ssn-1", "ssn-23", "gid-1", "gid-3",
                                "kid-1-0", "echo-401", "observe-group")]
        mixed = []
        for a in cases:
            for b in cases:
                if a is not b:
                    changed = copy.deepcopy(a)
                    changed["exchange"][1:] = copy.deepcopy(b["exchange"][1:])
                    changed["id"] = f"{a['id']}:{b['id']}"
                    if changed["exchange"] not in (a["exchange"],
                                                   b["exchange"]):
                        mixed.append(changed)
        self.assertGreater(len(mixed), 40)
        self.all_fail(mixed)

    def test_later_numbers_may_be_left_out_but_not_go_back(self):
        case = next(c for c in load(GROUP)["cases"]
                    if c["id"] == "observe-group")
        gap = copy.deepcopy(case)
        del gap["exchange"][2]
        gap["endpoints"]["server"]["initial_ssn"] = 501
        result = run_document({"cases": [gap]})
        self.assertEqual("1 passed, 0 failed", result.last)
        back = copy.deepcopy(case)
        back["exchange"][2:] = back["exchange"][:1:-1]
        back["endpoints"]["server"]["initial_ssn"] = 501
        back["id"] = "back"
        self.all_fail([back])

    def test_unknown_members_fail(self):
        case = load(GROUP)["cases"][0]
        cases = []
        for path in ((), ("group",), ("endpoints",), ("endpoints", "client"),
                     ("derived",), ("exchange", 0)):
            changed = spoil(case, path + ("request_hash",), "00")
            changed["id"] = "in:" + ".".join(str(p) for p in path)
            cases.append(changed)
        self.all_fail(cases)
        result = run_document({"cases": cases})
        for line in result.failed.values():
            self.assertIn('not supported: "request_hash"', line)

    def test_missing_parts_fail(self):
        case = load(GROUP)["cases"][0]
        cases = []
        for path in (("group",), ("endpoints",), ("endpoints", "server"),
                     ("key_kind",), ("exchange", 0, "protected"),
                     ("exchange", 0, "plain_message"), ("group", "gm_cred"),
                     ("group", "master_secret"), ("exchange", 0, "mode"),
                     ("endpoints", "client", "private_key"),
                     ("endpoints", "server", "initial_ssn")):
            changed = copy.deepcopy(case)
            node = changed
            for key in path[:-1]:
                node = node[key]
            del node[path[-1]]
            changed["id"] = "without:" + ".".join(str(p) for p in path)
            cases.append(changed)
        empty = spoil(case, ("exchange",), [])
        empty["id"] = "nothing_said"
        self.all_fail(cases + [empty])


class Negative(unittest.TestCase):
    def run_one(self, vector, cases=None):
        document = load(GROUP)
        if cases is not None:
            document["cases"] = cases
        wanted = {"cases": document["cases"], "negative": [vector]}
        result = run_document(wanted)
        return result, vector["id"] in result.passed

    def vectors(self):
        return load(GROUP)["negative"]

    def base(self):
        return [c for c in load(GROUP)["cases"]
                if c["id"] == "alg-10-10-group-pairwise"]

    def test_each_for_its_reason_only(self):
        """Every verdict in turn: those that are not the case's fail."""
        verdicts = {"signature": "reject: signature",
                    "decryption": "reject: decryption",
                    "kid": "reject: unknown kid",
                    "context": "reject: no context (4.01)",
                    "malformed": "reject: malformed",
                    "replay": "reject: replay"}
        fits = {"tag-flip": "signature", "sig-flip": "signature",
                "groupflag-off": "decryption", "kid-other": "kid",
                "gid-other": "context", "no-kid": "malformed",
                "no-piv": "malformed", "flag-bit7": "malformed",
                "flag-bit6": "malformed", "n6": "malformed",
                "n7": "malformed", "opt-zero": "malformed",
                "opt-trunc": "malformed", "two-options": "malformed",
                "payload-none": "malformed"}
        for vector in self.vectors():
            if vector["id"] not in fits:
                continue
            for name, verdict in verdicts.items():
                changed = dict(vector, expect=verdict)
                _, passed = self.run_one(changed, self.base())
                self.assertEqual(name == fits[vector["id"]], passed,
                                 f"{vector['id']}: {verdict}")

    def test_good_message_is_not_refused(self):
        case = self.base()[0]
        good = {"id": "good", "base": case["id"], "direction": "request",
                "protected": case["exchange"][0]["protected"],
                "expect": "reject"}
        result, passed = self.run_one(good, [case])
        self.assertFalse(passed)
        self.assertIn("accepted", result.failed["good"])

    def test_replay(self):
        replay = next(v for v in self.vectors() if v["id"] == "replay")
        for change in ({"times": 1}, {"times": 3},
                       {"expect": "first accepted, second rejected: "
                                  "signature"},
                       {"expect": "reject: replay"},
                       {"protected": replay["protected"][:-2] + "00"}):
            _, passed = self.run_one(dict(replay, **change), self.base())
            self.assertFalse(passed, change)

    def test_responses(self):
        case = self.base()[0]
        good = case["exchange"][1]["protected"]
        broken = good[:-2] + f"{int(good[-2:], 16) ^ 1:02x}"
        vector = {"id": "response", "base": case["id"],
                  "direction": "response", "protected": broken,
                  "expect": "reject: decryption"}
        self.assertTrue(self.run_one(vector, [case])[1])
        self.assertFalse(self.run_one(dict(vector, protected=good),
                                      [case])[1])
        twice = dict(vector, protected=good, times=2,
                     expect="first accepted, second rejected: replay")
        self.assertTrue(self.run_one(twice, [case])[1])
        self.assertFalse(self.run_one(dict(twice, protected=broken),
                                      [case])[1])

    def test_a_base_is_needed(self):
        vector = self.vectors()[0]
        for change in ({"base": "nobody"}, {"base": None},
                       {"base": "alg-10-10-group-group",
                        "direction": "response"}):
            _, passed = self.run_one(dict(vector, **change), self.base())
            self.assertFalse(passed, change)
        self.assertFalse(self.run_one(vector, [])[1])

    def test_another_base_is_named(self):
        result, passed = self.run_one(self.vectors()[0], self.base())
        self.assertTrue(passed)
        self.assertTrue(any("alg-10-10-group-group" in n
                            for n in result.notes))

    def test_wrong_base_is_noticed(self):
        """A context in which nothing is right refuses for other reasons."""
        other = copy.deepcopy(self.base())
        other[0]["group"]["master_secret"] = "00" * 16
        for vector in self.vectors():
            self.assertFalse(self.run_one(vector, other)[1], vector["id"])

    def test_not_understood(self):
        vector = self.vectors()[0]
        for change in ({"expect": "accept"}, {"expect": None},
                       {"expect": "reject: the moon"},
                       {"direction": "sideways"}, {"protected": None},
                       {"times": 0}, {"times": "2"}, {"extra": 1}):
            result, passed = self.run_one(dict(vector, **change),
                                          self.base())
            self.assertFalse(passed, change)
            self.assertIn(vector["id"], result.failed)


if __name__ == "__main__":
    COVEY, FOLDER = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
