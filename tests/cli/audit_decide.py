#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit decide: the gate over signed documents."""
import json
import unittest

from audit_kit import Case, DONE, IN_WINDOW, REFUSED, USAGE, run

# technique, target, options, seconds from IN_WINDOW: reason, clause
CASES = [
    ("services.coap", "192.0.2.2:5683", (), 0, "ALLOWED", "S1"),
    ("services.coap", "192.0.2.15:5684", (), 0, "ALLOWED", "S1"),
    ("services.coap", "[::ffff:192.0.2.2]:5683", (), 0, "ALLOWED", "S1"),
    ("services.coap.multicast", "224.0.1.187:5683", (), 0, "ALLOWED", "S2"),
    ("services.coap", "[2001:db8::7]:443", ("--protocol", "tcp"), 0,
     "ALLOWED", "S3"),
    ("services.coap", "192.0.2.2:5683", ("--packets", "60"), 0, "ALLOWED",
     "S1"),
    ("services.coap", "192.0.2.2:5683", ("--packets", "61"), 0, "BUDGET", ""),
    ("services.coap", "192.0.2.2:5683", ("--packets", "0"), 0,
     "NOT_EXPRESSIBLE", ""),
    ("services.coap", "192.0.2.2:5683", ("--seconds", "7200"), 0, "ALLOWED",
     "S1"),
    ("services.coap", "192.0.2.2:5683", ("--seconds", "7201"), 0, "TOO_LONG",
     ""),
    ("services.coap", "192.0.2.2:5683", (), -3601, "TOO_EARLY", ""),
    ("services.coap", "192.0.2.2:5683", (), 7200, "EXPIRED", ""),
    ("services.coap", "192.0.2.9:5683", (), 0, "EXCLUDED", ""),
    ("services.coap", "[::ffff:192.0.2.9]:5683", (), 0, "EXCLUDED", ""),
    ("services.coap", "192.0.2.16:5683", (), 0, "OUT_OF_SCOPE", ""),
    ("services.coap", "[2001:db8:1::1]:5683", (), 0, "OUT_OF_SCOPE", ""),
    ("services.coap", "192.0.2.2:5683", ("--protocol", "tcp"), 0,
     "WRONG_PROTOCOL", ""),
    ("services.coap", "192.0.2.2:80", (), 0, "WRONG_PORT", ""),
    ("services.coap", "224.0.1.187:5683", (), 0, "WRONG_KIND", ""),
    ("services.coap.multicast", "192.0.2.2:5683", (), 0, "WRONG_KIND", ""),
    ("services.tls", "192.0.2.2:5684", (), 0, "NO_RIGHT", ""),
    ("os", "192.0.2.2", (), 0, "NO_RIGHT", ""),
]


class Decide(Case):
    def test_each_act_has_its_answer(self):
        path = self.signed()
        for technique, target, options, seconds, reason, clause in CASES:
            with self.subTest((technique, target, options, seconds)):
                done = self.decide(technique, target, path,
                                   at=IN_WINDOW + seconds, options=options)
                answer = json.loads(done.stdout)
                self.assertEqual((answer["reason"], answer["clause"]),
                                 (reason, clause))
                self.assertEqual(answer["allowed"], reason == "ALLOWED")
                self.assertEqual(done.returncode, DONE if reason == "ALLOWED"
                                 else REFUSED)

    def test_the_right_ends_with_the_window(self):
        done = self.decide("services.coap", "192.0.2.2:5683", self.signed())
        self.assertEqual(json.loads(done.stdout)["until"], IN_WINDOW + 7200)

    def test_what_reads_needs_no_target(self):
        done = run("decide", "--owners", self.path("owners.yaml"),
                   "--technique", "vuln", "--at", IN_WINDOW, self.signed())
        self.assertEqual(done.returncode, DONE)
        self.assertIn("allowed, until", done.stdout)

    def test_a_person_reads_the_reason(self):
        done = run("decide", "--owners", self.path("owners.yaml"),
                   "--technique", "services.coap", "--target",
                   "192.0.2.99:5683", "--at", IN_WINDOW, self.signed())
        self.assertIn("refused: OUT_OF_SCOPE: the address is in no clause",
                      done.stdout)

    def test_targets_that_are_none(self):
        path = self.signed()
        for target in ("lamp.example:5683", "192.0.2.2:port", "192.0.2.2:",
                       "[2001:db8::1", "192.0.2.2:65536", "[::1]5683", ""):
            with self.subTest(target):
                done = self.decide("services.coap", target, path)
                self.assertEqual(done.returncode, USAGE)

    def test_attacks_cannot_be_asked_for(self):
        path = self.signed()
        for name in ("exploit", "fuzz", "bruteforce", "nothing"):
            self.assertEqual(self.decide(name, "192.0.2.2:5683",
                                         path).returncode, USAGE)


if __name__ == "__main__":
    unittest.main()
