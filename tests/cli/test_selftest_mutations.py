# SPDX-License-Identifier: BSD-2-Clause
"""A runner that cannot fail is worthless: every vector of the repository,
spoilt in every way below, must be reported as failed by its name."""
import copy
import sys
import unittest

import selftest_files as files

COVEY = ""
FOLDER = ""
NAMES = ("8824-update-09_section8.json",
         "8824-update-09_section10_proxies.json", "derived_units.json",
         "universal-option-01.json")


def flip(text, bit):
    """Hex digits with one bit flipped."""
    data = bytearray.fromhex(text)
    data[bit // 8] ^= 0x80 >> bit % 8
    return data.hex()


def vectors():
    """Every vector, standing alone with the rules it names."""
    for name in NAMES:
        document = files.load(FOLDER, name)
        for vector in document["vectors"]:
            if "rule_object" not in vector:
                vector["rule_objects"] = [
                    r for r in document["rules"]
                    if r["rule-id-value"] == vector["rule"]]
            yield vector


def rules_of(vector):
    return vector.get("rule_objects") or [vector["rule_object"]]


class Mutations(unittest.TestCase):
    def all_fail(self, spoil):
        """spoil(vector) changes a copy; None or False if it cannot."""
        spoilt = []
        for vector in vectors():
            changed = copy.deepcopy(vector)
            if spoil(changed) is not False:
                spoilt.append(changed)
        self.assertTrue(spoilt)
        result = files.run_document(COVEY, {"vectors": spoilt})
        self.assertEqual([], result.passed)
        self.assertEqual({v["name"] for v in spoilt}, set(result.failed))
        self.assertEqual(1, result.status)
        self.assertEqual(f"0 passed, {len(spoilt)} failed", result.last)
        return len(spoilt)

    def test_unspoilt_they_pass(self):
        every = list(vectors())
        result = files.run_document(COVEY, {"vectors": every})
        self.assertEqual(f"{len(every)} passed, 0 failed", result.last)

    def test_every_bit_of_the_expected_packet(self):
        longest = max(v["schc_packet_bits"] for v in vectors())
        tried = 0
        for bit in range(min(longest, 128)):
            def spoil(vector, bit=bit):
                if bit >= vector["schc_packet_bits"]:
                    return False
                vector["schc_packet_hex"] = flip(vector["schc_packet_hex"],
                                                 bit)
                return None
            tried += self.all_fail(spoil)
        self.assertGreater(tried, 1000)

    def test_last_bit_and_padding_of_the_expected_packet(self):
        def last(vector):
            vector["schc_packet_hex"] = flip(vector["schc_packet_hex"],
                                             vector["schc_packet_bits"] - 1)

        def padding(vector):
            if vector["schc_packet_bits"] % 8 == 0:
                return False
            vector["schc_packet_hex"] = flip(vector["schc_packet_hex"],
                                             vector["schc_packet_bits"])
            return None
        self.all_fail(last)
        self.all_fail(padding)

    def test_length_of_the_expected_packet(self):
        def longer(vector):
            vector["schc_packet_hex"] += "00"

        def shorter(vector):
            vector["schc_packet_hex"] = vector["schc_packet_hex"][:-2]

        def fewer_bits(vector):
            vector["schc_packet_bits"] -= 1

        def more_bits(vector):
            vector["schc_packet_bits"] += 1
        for spoil in (longer, shorter, fewer_bits, more_bits):
            self.all_fail(spoil)

    def test_residue(self):
        def bits(vector):
            if "expected_residue_bits" not in vector:
                return False
            vector["expected_residue_bits"] += 1
            return None

        def value(vector):
            if not vector.get("expected_residue_hex"):
                return False
            vector["expected_residue_hex"] = flip(
                vector["expected_residue_hex"], 0)
            return None
        self.all_fail(bits)
        self.all_fail(value)

    def test_bits_of_the_packet(self):
        for bit in range(0, 32):
            def spoil(vector, bit=bit):
                # whatever a rule does not send, or sends, must differ
                if bit >= len(vector["packet_hex"]) * 4:
                    return False
                vector["packet_hex"] = flip(vector["packet_hex"], bit)
                return None
            self.all_fail(spoil)

    def test_rules(self):
        def drop(vector):
            vector.pop("rule_object", None)
            vector["rule_objects"] = []

        def other_id(vector):
            for rule in rules_of(vector):
                rule["rule-id-value"] ^= 1

        def drop_an_entry(vector):
            used = ("di-bidirectional", "di-" + vector["direction"])
            for rule in rules_of(vector):
                gone = next(e for e in rule["entry"]
                            if e["direction-indicator"] in used)
                rule["entry"].remove(gone)

        def another_value(vector):
            for rule in rules_of(vector):
                for entry in rule["entry"]:
                    if entry["field-id"] in ("fid-coap-version",
                                             "fid-coap-code"):
                        for value in entry.get("target-value", []):
                            value["value"] = "0"
        for spoil in (drop, other_id, drop_an_entry, another_value):
            self.all_fail(spoil)

    def test_claims_are_not_believed(self):
        def spoil(vector):
            vector["schc_packet_hex"] = flip(vector["schc_packet_hex"], 1)
            vector["verified_by_reference"] = True
            vector["round_trip_identical"] = False
        self.all_fail(spoil)

    def test_direction(self):
        """The other direction fails wherever the rule tells them apart."""
        turned = []
        for vector in vectors():
            directions = {e["direction-indicator"] for rule in
                          rules_of(vector) for e in rule["entry"]}
            if directions != {"di-bidirectional"}:
                vector["direction"] = ("down" if vector["direction"] == "up"
                                       else "up")
                turned.append(vector)
        self.assertGreater(len(turned), 15)
        result = files.run_document(COVEY, {"vectors": turned})
        self.assertEqual([], result.passed)
        self.assertEqual(len(turned), len(result.failed))


if __name__ == "__main__":
    COVEY, FOLDER = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1], verbosity=0)
