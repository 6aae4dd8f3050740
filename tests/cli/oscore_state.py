# SPDX-License-Identifier: BSD-2-Clause
"""The state file of covey oscore: no sequence number twice, no request
accepted twice, and nothing printed that has not been stored."""
import concurrent.futures
import json
import os
import unittest

import oscore_kit as kit

C = kit.appendix_c()
REQUEST = C["C.4"]["unprotected_coap_request"]
PROTECTED = C["C.4"]["protected_coap_request_oscore_message"]
RESPONSE = C["C.7"]["unprotected_coap_response"]
END = 1 << 40


class State(unittest.TestCase):
    def setUp(self):
        self.folder = kit.Folder(self)
        self.client = kit.appendix_context(self.folder, C["C.1.1"])
        self.server = kit.appendix_context(self.folder, C["C.1.2"])
        self.state = self.folder.path("state")

    def protect(self, *args, context=None):
        return kit.run("protect", "--state", self.state, *args,
                       context or self.client, REQUEST)

    def piv(self, *args):
        got = self.protect("--json", "--explain", *args)
        self.assertEqual(0, got.returncode, got.stderr)
        return json.loads(got.stdout)["partial_iv"]

    def fields(self):
        with open(self.state, encoding="utf-8") as file:
            lines = file.read().split("\n")
        self.assertEqual("covey oscore state 1", lines[0])
        self.assertEqual("", lines[-1])
        return dict(line.split(" ") for line in lines[1:-1])

    def write(self, text):
        with open(self.state, "w", encoding="utf-8") as file:
            file.write(text)

    def test_numbers_count_up(self):
        self.assertEqual(["00", "01", "02"], [self.piv() for _ in range(3)])
        self.assertEqual("3", self.fields()["sequence_number"])
        self.assertEqual(0o600, os.stat(self.state).st_mode & 0o777)

    def test_first_number_is_that_of_the_context(self):
        context = self.folder.context(
            master_secret="01", sender_id="", recipient_id="01",
            sequence_number="255")
        self.client = context
        self.assertEqual(["ff", "0100"], [self.piv(), self.piv()])

    def test_programs_at_once_take_different_numbers(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            pivs = list(pool.map(lambda _: self.piv(), range(32)))
        self.assertEqual([f"{n:02x}" for n in range(32)], sorted(pivs))
        self.assertEqual("32", self.fields()["sequence_number"])

    def test_number_is_spent_although_the_output_failed(self):
        with open("/dev/full", "wb") as full:
            got = kit.run("protect", "--state", self.state, self.client,
                          REQUEST, stdout=full)
        self.assertEqual(4, got.returncode)
        self.assertEqual("01", self.piv())

    def test_nothing_is_spent_on_what_is_not_protected(self):
        for bad in ("40000000", PROTECTED, "40010000d51675726900ff",
                    # Proxy-Uri beside Uri-Path
                    "40010000b161d80b636f61703a2f2f61"):
            got = kit.run("protect", "--state", self.state, self.client, bad)
            self.assertEqual(1, got.returncode, got.stderr)
            self.assertEqual(b"", got.stdout)
            self.assertFalse(os.path.exists(self.state))

    def test_nothing_is_printed_that_is_not_stored(self):
        os.mkdir(self.state + ".new")
        got = self.protect("--explain")
        self.assertEqual(4, got.returncode)
        self.assertEqual(b"", got.stdout)
        got = kit.run("unprotect", "--explain", "--state",
                      self.state, self.server, PROTECTED)
        self.assertEqual(4, got.returncode)
        self.assertNotIn(b"plaintext", got.stdout)
        self.assertNotIn(b"unprotected", got.stdout)

    def test_folder_that_does_not_exist(self):
        self.state = self.folder.path("none/state")
        got = self.protect()
        self.assertEqual(4, got.returncode)
        self.assertEqual(b"", got.stdout)
        self.assertIn(b"none/state.lock: No such file", got.stderr)

    def test_request_is_accepted_once(self):
        args = ["--state", self.state, self.server, PROTECTED]
        got = kit.run("unprotect", *args)
        self.assertEqual(REQUEST, got.stdout.decode()[:-1])
        self.assertEqual("21", self.fields()["replay_window"])
        got = kit.run("unprotect", *args)
        self.assertEqual(1, got.returncode)
        self.assertEqual(b"", got.stdout)
        self.assertIn(b"received before, or too old to know (RFC 8613 "
                      b"Section 7.4); answer: 4.01 Replay detected",
                      got.stderr)

    def test_forged_request_leaves_no_trace(self):
        got = kit.run("unprotect", "--state", self.state, self.server,
                      PROTECTED[:-2] + "00")
        self.assertEqual(1, got.returncode)
        self.assertFalse(os.path.exists(self.state))
        got = kit.run("unprotect", "--state", self.state, self.server,
                      PROTECTED)
        self.assertEqual(0, got.returncode)

    def test_responses_have_numbers_of_their_own(self):
        pivs = []
        for _ in range(2):
            got = kit.run("protect", "--json", "--explain", "--state",
                          self.state, "--request", PROTECTED, self.server,
                          RESPONSE)
            pivs.append(json.loads(got.stdout)["partial_iv"])
        self.assertEqual(["00", "01"], pivs)

    def test_sending_leaves_the_window_as_it_is(self):
        kit.run("unprotect", "--state", self.state, self.server, PROTECTED)
        kit.run("protect", "--state", self.state, "--request", PROTECTED,
                self.server, RESPONSE)
        fields = self.fields()
        self.assertEqual(("1", "21"), (fields["sequence_number"],
                                       fields["replay_window"]))

    def test_state_of_another_context(self):
        self.piv()
        got = self.protect(context=self.server)
        self.assertEqual(4, got.returncode)
        self.assertIn(b"expected the state of this context, found that of "
                      b"another one", got.stderr)
        self.assertEqual("1", self.fields()["sequence_number"])

    def test_numbers_end(self):
        self.piv()
        key = self.fields()["sender_key"]
        text = (f"covey oscore state 1\nsender_key {key}\n"
                "sequence_number {}\nreplay_window 0\n")
        self.write(text.format(END - 1))
        self.assertEqual("ff" * 5, self.piv())
        got = self.protect()
        self.assertEqual(3, got.returncode)
        self.assertEqual(b"", got.stdout)
        self.assertIn(b"RFC 8613 Section 7.2.1", got.stderr)

    def test_damaged_state(self):
        self.piv()
        with open(self.state, encoding="utf-8") as file:
            good = file.read()
        for bad in ("", "\n", good[:-1], good + "x", good + good,
                    good.replace("state 1", "state 2"),
                    good.replace("number 1", "number 01"),
                    good.replace("number 1", "number -1"),
                    good.replace("number 1", f"number {END + 1}"),
                    good.replace("window 0", f"window {END + 1}"),
                    good.replace("sequence_number", "sequence-number"),
                    good.replace("\n", "\r\n"), "x" * 5000):
            with self.subTest(bad=bad[:80]):
                self.write(bad)
                got = self.protect()
                self.assertEqual(4, got.returncode)
                self.assertEqual(b"", got.stdout)
                self.assertIn(b"expected a state file of this program",
                              got.stderr)
        self.write(good)
        self.assertEqual("01", self.piv())


if __name__ == "__main__":
    unittest.main()
