# SPDX-License-Identifier: BSD-2-Clause
"""covey oscore option: values taken apart and built again, those of plain
OSCORE, of groups and of KUDOS in both layouts."""
import json
import unittest

import oscore_kit as kit

# value; layout of KUDOS; parts by the names of the options that build it
VALUES = [
    ("", "seed", {}),
    ("0914", "seed", {"piv": "14", "kid": ""}),
    ("091400", "seed", {"piv": "14", "kid": "00"}),
    ("19140837cbf3210017a2d3", "seed",
     {"piv": "14", "kid-context": "37cbf3210017a2d3", "kid": ""}),
    ("0100", "seed", {"piv": "00"}),
    ("05ffffffffff", "seed", {"piv": "ffffffffff"}),
    ("08", "seed", {"kid": ""}),
    ("1000", "seed", {"kid-context": ""}),
    ("20", "seed", {"group": True}),
    ("39050344616c25", "seed",
     {"group": True, "piv": "05", "kid-context": "44616c", "kid": "25"}),
    ("2852", "seed", {"group": True, "kid": "52"}),
    # two flag bytes, x with m, a nonce of m + 1 bytes
    ("80010001", "seed", {"x": "00", "nonce": "01"}),
    ("890105070102030405060708" + "25", "seed",
     {"piv": "05", "x": "07", "nonce": "0102030405060708", "kid": "25"}),
    ("800100aa", "14", {"x": "00", "nonce": "aa"}),
    ("800141aabb00cc", "14",
     {"x": "41", "nonce": "aabb", "y": "00", "old-nonce": "cc"}),
    ("880141aabb25", "convergent", {"x": "41", "nonce": "aabb",
                                    "kid": "25"}),
]

# what is refused, and why
FAULTS = [
    ("00", "no flags are written as no bytes (RFC 8613 Section 6.1)"),
    ("0000", "no flags are written as no bytes"),
    ("40", "expected 0 in the reserved bit 0x40"),
    ("0614", "found the reserved lengths 6 or 7"),
    ("07", "found the reserved lengths 6 or 7"),
    ("01", "it ends before (RFC 8613 Section 6.1)"),
    ("0301", "it ends before"),
    ("18", "it ends before"),
    ("1905", "it ends before"),
    ("10020a", "it ends before"),
    ("010000", "for the flags announce no kid"),
    ("2000", "for the flags announce no kid"),
    ("80", "it ends before"),
    ("800201", "expected known flags in the second byte"),
    ("8001", "it ends before"),
    ("800103aa", "it ends before"),
    ("08" + "00" * 255, "expected up to 255 bytes (RFC 8613 Section 2)"),
]

# options that make no value
CONTRADICTIONS = [
    (["--piv", ""], "expected a Partial IV of 1 to 5 bytes"),
    (["--piv", "000000000000"], "expected a Partial IV of 1 to 5 bytes"),
    (["--kid", "00" * 255], "255 bytes in all"),
    (["--x", "00"], "--x and --nonce go together"),
    (["--nonce", "00"], "--x and --nonce go together"),
    (["--x", "0000", "--nonce", "00"], "x and y are of one byte"),
    (["--x", "", "--nonce", "00"], "x and y are of one byte"),
    (["--x", "01", "--nonce", "00"], "nonces as long as x and y say"),
    (["--y", "00", "--old-nonce", "00"], "--y and --old-nonce go together"),
    (["--x", "40", "--nonce", "00", "--y", "00"],
     "--y and --old-nonce go together"),
    (["--kudos", "convergent", "--x", "40", "--nonce", "00", "--y", "00",
      "--old-nonce", "00"], "nonces as long as x and y say"),
    (["--piv", "0"], "--piv: character 2"),
    (["--piv", "00", "--piv", "01"], "--piv comes twice"),
    (["--piv", "00", "0914"], "expected either a value in hex or parts"),
    ([], "expected either a value in hex or parts"),
    (["--kudos", "13", "00"], "expected seed, 14 or convergent, found '13'"),
    (["--kid"], "--kid needs a value"),
    (["--explain", "00"], "unknown option '--explain'"),
    (["0g"], "character 2: expected a hex digit"),
]


class Option(unittest.TestCase):
    def test_values_are_taken_apart(self):
        for value, kudos, parts in VALUES:
            with self.subTest(value=value):
                got = kit.run("option", "--json", "--kudos", kudos, value)
                self.assertEqual(0, got.returncode, got.stderr)
                shown = json.loads(got.stdout)
                expected = {"group": False, "partial_iv": None,
                            "kid_context": None, "kid": None}
                for name, part in parts.items():
                    name = {"piv": "partial_iv"}.get(name, name)
                    expected[name.replace("-", "_")] = part
                self.assertEqual(expected, shown)

    def test_values_are_built(self):
        for value, kudos, parts in VALUES[1:]:
            args = ["--kudos", kudos]
            for name, part in parts.items():
                args += ["--" + name] if part is True else ["--" + name, part]
            with self.subTest(value=value):
                got = kit.run("option", *args)
                self.assertEqual(value + "\n", got.stdout.decode())
                self.assertEqual(b"", got.stderr)
                got = kit.run("option", "--json", *args)
                self.assertEqual({"value": value}, json.loads(got.stdout))

    def test_text(self):
        got = kit.run("option", "39050344616c25")
        self.assertEqual("group:                  yes\n"
                         "partial_iv:             05\n"
                         "kid_context:            44616c\n"
                         "kid:                    25\n", got.stdout.decode())

    def test_standard_input(self):
        got = kit.run("option", "-", stdin="09 14\n")
        self.assertIn(b"partial_iv:             14\n", got.stdout)

    def test_faults(self):
        for value, why in FAULTS:
            with self.subTest(value=value):
                got = kit.run("option", value)
                self.assertEqual(1, got.returncode)
                self.assertEqual(b"", got.stdout)
                self.assertIn(why, got.stderr.decode())

    def test_contradictions(self):
        for args, why in CONTRADICTIONS:
            with self.subTest(args=args):
                got = kit.run("option", *args)
                self.assertEqual(2, got.returncode)
                self.assertEqual(b"", got.stdout)
                self.assertIn(why, got.stderr.decode())


if __name__ == "__main__":
    unittest.main()
