# SPDX-License-Identifier: BSD-2-Clause
"""covey selftest schc on the vectors of the repository, and on every other
shape that a vector of the same format may have."""
import copy
import json
import os
import subprocess
import sys
import unittest

import selftest_files as files

COVEY = ""
FOLDER = ""
PASSING = {
    "8824-update-09_section8.json": 6,
    "8824-update-09_section10_proxies.json": 10,
    "derived_units.json": 11,
    "universal-option-01.json": 1,
}


def section8():
    return files.load(FOLDER, "8824-update-09_section8.json")


def one():
    """An outer GET with its rule: a vector that passes."""
    document = section8()
    vector = document["vectors"][2]
    rule = next(r for r in document["rules"]
                if r["rule-id-value"] == vector["rule"])
    return vector, rule


class OurVectors(unittest.TestCase):
    def test_figures_and_derived_values_pass(self):
        for name, count in PASSING.items():
            with self.subTest(name=name):
                result = files.run(COVEY, os.path.join(FOLDER, name))
                self.assertEqual({}, result.failed)
                self.assertEqual(count, len(result.passed))
                self.assertTrue(result.consistent(), result.last)

    def test_what_is_not_run_is_noted(self):
        result = files.run(COVEY,
                           os.path.join(FOLDER, "universal-option-01.json"))
        noted = " ".join(result.notes)
        self.assertIn('"syntactic"', noted)
        self.assertIn('"coreconf_cbor_rule_hex"', noted)

    def test_documentation_never_passes(self):
        path = os.path.join(FOLDER, "rfc8824_section7_historic.json")
        result = files.run(COVEY, path)
        self.assertEqual([], result.passed)
        self.assertEqual(4, len(result.failed))
        for line in result.failed.values():
            self.assertIn("documentation only", line)
        self.assertTrue(result.consistent())

    def test_several_files_are_counted_together(self):
        paths = [os.path.join(FOLDER, name) for name in PASSING]
        result = files.run(COVEY, *paths)
        self.assertEqual(f"{sum(PASSING.values())} passed, 0 failed",
                         result.last)

    def test_json(self):
        paths = [os.path.join(FOLDER, name) for name in
                 ("universal-option-01.json",
                  "rfc8824_section7_historic.json")]
        process = subprocess.run([COVEY, "selftest", "schc", "--json", *paths],
                                 stdout=subprocess.PIPE, check=False)
        shown = json.loads(process.stdout)
        self.assertEqual(1, process.returncode)
        self.assertEqual((1, 4), (shown["passed"], shown["failed"]))
        self.assertEqual(5, len(shown["cases"]))
        self.assertEqual(3, len(shown["notes"]))
        for case in shown["cases"]:
            if case["result"] == "failed":
                self.assertTrue(case["expected"] and case["got"])


class Shapes(unittest.TestCase):
    """Other ways to write a vector that passes."""

    def passes(self, document):
        result = files.run_document(COVEY, document)
        self.assertEqual({}, result.failed)
        self.assertTrue(result.passed)
        self.assertTrue(result.consistent())

    def test_where_the_rules_stand(self):
        vector, rule = one()
        bare = {k: v for k, v in vector.items() if k != "rule"}
        other = dict(rule, **{"rule-id-value": 9})
        for document in (
                {"vectors": [vector], "rules": [rule]},
                {"vectors": [bare], "rules": [other, rule]},
                {"vectors": [vector], "ietf-schc:schc": {"rule": [rule]}},
                {"vectors": [dict(bare, rule_object=rule)]},
                {"vectors": [dict(bare, rule_objects=[other, rule])]},
                {"vectors": [dict(vector, rule_objects=[other, rule])]},
                {"vectors": [dict(bare, rule=rule)]},
                {"vectors": [dict(bare, rules=[rule])]},
                {"test_cases": [dict(bare, rule_object=rule)]},
                {"vectors": [bare], "rule_object": rule},
                [dict(bare, rule_object=rule)],
                dict(bare, rule_object=rule)):
            with self.subTest(document=list(document)):
                self.passes(document)

    def test_values_in_another_spelling(self):
        vector, rule = one()
        vector["rule_object"] = rule
        for change in (
                {"direction": "UP"}, {"direction": "uplink"},
                {"direction": "di-up"}, {"stack": "CoAP"},
                {"stack": ["coap"]},
                {"schc_packet_hex": vector["schc_packet_hex"].upper()},
                {"packet_hex": vector["packet_hex"].upper()},
                {"packet_hex": vector["packet_hex"][:8] + " " +
                               vector["packet_hex"][8:]},
                {"expect": "match"}, {"expect_match": True},
                {"negative": False}, {"kind": "round-trip"},
                {"error": None}, {"profile": "8824-update-09"},
                {"kudos": "seed"}, {"one_entry_index_bits": 0},
                {"author": "somebody"}):
            with self.subTest(change=change):
                self.passes([dict(vector, **change)])
        for left_out in ("schc_packet_bits", "expected_residue_hex", "stack",
                         "expected_residue_bits", "round_trip_identical"):
            with self.subTest(left_out=left_out):
                self.passes([{k: v for k, v in vector.items()
                              if k != left_out}])

    def test_down_has_three_spellings(self):
        document = section8()
        vector = document["vectors"][3]
        for word in ("down", "dw", "dn", "DOWN", "downlink"):
            with self.subTest(word=word):
                self.passes({"rules": document["rules"],
                             "vectors": [dict(vector, direction=word)]})

    def test_how_a_rule_is_chosen(self):
        vector, rule = one()
        del vector["rule"]
        other = dict(rule, **{"rule-id-value": 9})
        longer = dict(rule, **{"rule-id-value": 0x900,
                               "rule-id-length": 12})
        # any of them may be used, unless the case says how
        self.passes([dict(vector, rule_objects=[longer, other, rule])])
        self.passes([dict(vector, rule_objects=[longer, rule],
                          select="shortest")])
        self.passes([dict(vector, rule_objects=[rule, longer],
                          select="first")])
        result = files.run_document(
            COVEY, [dict(vector, rule_objects=[longer, rule],
                         select="first")])
        self.assertEqual(1, len(result.failed))

    def test_an_index_of_one_bit_for_a_list_of_one(self):
        entry = {"field-id": "fid-coap-code", "field-length": 8,
                 "target-value": [{"index": 0, "value": "01"}],
                 "matching-operator": "mo-match-mapping",
                 "comp-decomp-action": "cda-mapping-sent"}
        rule = {"rule-id-value": 1, "rule-id-length": 8,
                "rule-nature": "nature-compression", "entry": [entry]}
        vector = {"name": "one", "rule_object": rule, "direction": "up",
                  "stack": "coap-inner", "packet_hex": "01"}
        self.passes([dict(vector, schc_packet_hex="01", schc_packet_bits=8)])
        self.passes([dict(vector, schc_packet_hex="0100", schc_packet_bits=9,
                          one_entry_index_bits=1)])


class Negatives(unittest.TestCase):
    """Cases that must not match, or must be refused."""

    def setUp(self):
        vector, rule = one()
        self.good = {"name": "n", "direction": "up", "stack": "coap",
                     "rule_object": rule, "packet_hex": vector["packet_hex"]}
        self.schc = vector["schc_packet_hex"]
        # A method that the rule does not have: no match.
        self.other = dict(self.good, packet_hex="4105" +
                          vector["packet_hex"][4:])

    def verdict(self, vector, **more):
        document = {"vectors": [dict(vector, **more)]}
        result = files.run_document(COVEY, document)
        self.assertTrue(result.consistent(), result.lines)
        return result.status == 0

    WORDS = ({"expect": "no-match"}, {"expected": "no_match"},
             {"expect": {"result": "no match"}}, {"expect_match": False},
             {"no_match": True}, {"schc_packet_hex": None},
             {"negative": True}, {"error": "no-rule"}, {"kind": "negative"},
             {"expected_error": "no-match"}, {"must_fail": True},
             {"outcome": "uncompressed"}, {"result": "mismatch"})

    def test_passes_if_the_packet_does_not_match(self):
        for words in self.WORDS:
            with self.subTest(words=words):
                self.assertTrue(self.verdict(self.other, **words))

    def test_fails_if_the_packet_matches(self):
        for words in self.WORDS:
            with self.subTest(words=words):
                self.assertFalse(self.verdict(self.good, **words))

    def test_a_list_of_negative_vectors(self):
        for vector, passed in ((self.other, True), (self.good, False)):
            result = files.run_document(COVEY, {"negative_vectors": [vector]})
            self.assertEqual(passed, result.status == 0)

    def test_decompression_that_must_fail(self):
        case = {k: v for k, v in self.good.items() if k != "packet_hex"}
        for words in ({"expect": "error"}, {"negative": True},
                      {"kind": "decompress-error"}):
            with self.subTest(words=words):
                self.assertTrue(self.verdict(case, schc_packet_hex="01",
                                             **words))
                self.assertTrue(self.verdict(case, schc_packet_hex="ff",
                                             **words))
                self.assertFalse(self.verdict(case, schc_packet_hex=self.schc,
                                              **words))

    def test_a_rule_that_must_be_refused(self):
        bad = copy.deepcopy(self.good)
        bad["rule_object"]["entry"][0]["field-length"] = 3
        self.assertTrue(self.verdict(bad, kind="invalid-rule"))
        self.assertFalse(self.verdict(self.good, kind="invalid-rule"))
        # not loading is no proof that a packet does not match
        self.assertFalse(self.verdict(bad, expect="no-match"))

    def test_a_packet_that_is_sent_as_it_is(self):
        whole = {"rule-id-value": 5, "rule-id-length": 8,
                 "rule-nature": "nature-no-compression"}
        for case, passed in ((self.other, True), (self.good, False)):
            case["rule_objects"] = [whole, case.pop("rule_object")]
            case["expect"] = "no-compression"
            self.assertEqual(passed, self.verdict(case))
            sent = "05" + case["packet_hex"]
            self.assertEqual(passed, self.verdict(case, schc_packet_hex=sent))
            self.assertFalse(self.verdict(case, schc_packet_hex=sent + "00"))
            self.assertFalse(self.verdict(case, schc_packet_hex=sent,
                                          schc_packet_bits=9))
            # without the expectation it is an ordinary case
            del case["expect"]
            self.assertEqual(passed, self.verdict(case, schc_packet_hex=sent))

    def test_contradictions_are_not_understood(self):
        self.assertFalse(self.verdict(self.other, expect="match",
                                      expect_no_match=True))


class Incomprehensible(unittest.TestCase):
    """What is not understood has failed."""

    def fails(self, document, part):
        result = files.run_document(COVEY, document)
        self.assertEqual(1, result.status)
        self.assertEqual([], result.passed)
        self.assertIn(part, " ".join(result.lines))
        self.assertTrue(result.consistent(), result.lines)

    def test_members_that_look_like_expectations(self):
        vector, rule = one()
        vector["rule_object"] = rule
        for change in ({"expected_flux": 1}, {"must_reassemble": True},
                       {"result_code": "x"}, {"expect": "magic"},
                       {"kind": "fragmentation"}, {"type": "ack"},
                       {"expect": {"odd_bits": 7}}, {"conformant": False},
                       {"direction": "left"}, {"stack": "ipv4-tcp"},
                       {"packet_hex": "4"}, {"packet_hex": 4},
                       {"packet_hex": "zz"}, {"schc_packet_bits": "9"},
                       {"schc_packet_bits": -1}, {"rule": "x"},
                       {"kudos": "kudos-13"}, {"one_entry_index_bits": 2},
                       {"round_trip_identical": "no"},
                       {"provider": {"device_iid_hex": "00"}}):
            with self.subTest(change=change):
                self.fails([dict(vector, **change)], "FAIL")

    def test_what_is_missing(self):
        vector, rule = one()
        vector["rule_object"] = rule
        for left_out in ("packet_hex", "schc_packet_hex", "direction",
                         "rule_object"):
            with self.subTest(left_out=left_out):
                self.fails([{k: v for k, v in vector.items()
                             if k != left_out}], "FAIL")

    def test_files_that_are_none(self):
        for document in ("", "{", "[1] [2]", "17", "[]", "{}", "null",
                         '{"vectors":[]}', '{"vectors":{}}',
                         '{"vectors":[17]}', '{"vectors":[{}]}'):
            with self.subTest(document=document):
                self.fails(document, "FAIL")

    def test_unknown_kinds_are_named(self):
        self.fails({"scenarios": [{"name": "lost"}, {}], "iid": {"a": 1}},
                   "FAIL lost")
        self.fails({"scenarios": [{"name": "lost"}]}, '"scenarios"')

    def test_a_file_that_is_not_there(self):
        result = files.run(COVEY, "no/such/file.json")
        self.assertEqual(1, result.status)
        self.assertIn("cannot read", result.lines[0])
        self.assertEqual("0 passed, 1 failed", result.last)

    def test_names_do_not_reach_the_terminal_raw(self):
        result = files.run_document(COVEY, [{"name": "a\u001b[2J\nb"}])
        self.assertEqual(2, len(result.lines))
        self.assertTrue(result.lines[0].startswith("FAIL a?[2J?b ("))


class CommandLine(unittest.TestCase):
    def status(self, *args):
        return subprocess.run([COVEY, "selftest", *args], check=False,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE).returncode

    def test_usage(self):
        self.assertEqual(0, self.status("--help"))
        for args in ((), ("schc",), ("nonsense", "file"),
                     ("schc", "--nonsense", "file"), ("--json", "schc")):
            with self.subTest(args=args):
                self.assertEqual(2, self.status(*args))

    def test_options_stand_anywhere(self):
        path = os.path.join(FOLDER, "universal-option-01.json")
        self.assertEqual(0, self.status("schc", path, "-v"))
        self.assertEqual(0, self.status("--json", "schc", path))
        self.assertEqual(0, self.status("schc", "--", path))
        self.assertEqual(1, self.status("schc", "--", "--json"))


if __name__ == "__main__":
    COVEY, FOLDER = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1], verbosity=0)
