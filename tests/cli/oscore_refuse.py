# SPDX-License-Identifier: BSD-2-Clause
"""What covey oscore refuses: command lines, contexts, messages; with which
exit status, and that it says why."""
import json
import unittest

import oscore_kit as kit

C = kit.appendix_c()
REQUEST = C["C.4"]["unprotected_coap_request"]
PROTECTED = C["C.4"]["protected_coap_request_oscore_message"]
RESPONSE = C["C.7"]["unprotected_coap_response"]
ANSWER = C["C.7"]["protected_coap_response_oscore_message"]
HEAD = "44025d1f00003974396c6f63616c686f7374"
SEALED = "ff612f1092f1776f1c1668b3825e"

# Command lines: "CLIENT", "SERVER" and "GROUP" stand for context files.
USAGE = [
    (["protect"], "the context file is missing"),
    (["protect", "CLIENT"], "hex digits or - are missing"),
    (["unprotect", "CLIENT"], "hex digits or - are missing"),
    (["derive"], "the context file is missing"),
    (["wireshark"], "the context file is missing"),
    (["derive", "CLIENT", "00"], "expected nothing after the context"),
    (["wireshark", "CLIENT", "00"], "expected nothing after the context"),
    (["derive", "--state", "x", "CLIENT"], "unknown option '--state'"),
    (["wireshark", "--json", "CLIENT"], "unknown option '--json'"),
    (["unprotect", "--number", "1", "SERVER", PROTECTED],
     "unknown option '--number'"),
    (["protect", "-", "-"], "cannot both be standard input"),
    (["protect", "CLIENT", REQUEST],
     "which sequence number? Give --number, --state, or sequence_number"),
    (["protect", "--number", "1099511627776", "CLIENT", REQUEST],
     "--number: expected 0 to 1099511627775 (RFC 8613 Section 7.2.1)"),
    (["protect", "--number", "18446744073709551616", "CLIENT", REQUEST],
     "--number: expected 0 to 1099511627775"),
    (["protect", "--number", "0x1", "CLIENT", REQUEST], "found '0x1'"),
    (["protect", "--number", "-1", "CLIENT", REQUEST], "found '-1'"),
    (["protect", "--number", "", "CLIENT", REQUEST], "found ''"),
    (["protect", "--number"], "--number needs a value"),
    (["protect", "--number", "1", "--state", "x", "CLIENT", REQUEST],
     "--number and --state exclude each other"),
    (["protect", "--number", "1", "--request", PROTECTED, "CLIENT", REQUEST],
     "the message is no response"),
    (["protect", "--number", "1", "--own-piv", "CLIENT", REQUEST],
     "--own-piv is for responses"),
    (["protect", "--request", PROTECTED, "--request-piv", "14", "SERVER",
      RESPONSE], "--request and --request-piv exclude each other"),
    (["protect", "--request", PROTECTED, "--observe", "SERVER", RESPONSE],
     "--observe goes with --request-piv"),
    (["protect", "SERVER", RESPONSE],
     "a response needs its request: --request or --request-piv (RFC 8613 "
     "Section 5.4)"),
    (["unprotect", "CLIENT", ANSWER], "a response needs its request"),
    (["protect", "--number", "1", "--request-piv", "14", "SERVER", RESPONSE],
     "a response takes a number only with --own-piv"),
    (["protect", "--own-piv", "--request-piv", "14", "SERVER", RESPONSE],
     "which sequence number?"),
    (["protect", "--request-piv", "", "SERVER", RESPONSE],
     "--request-piv: expected 1 to 5 bytes in the shortest form"),
    (["protect", "--request-piv", "0014", "SERVER", RESPONSE],
     "in the shortest form (RFC 8613 Section 5)"),
    (["protect", "--request-piv", "010203040506", "SERVER", RESPONSE],
     "--request-piv: expected 1 to 5 bytes"),
    (["protect", "--request", "0", "SERVER", RESPONSE],
     "--request: character 2"),
    (["unprotect", "--request", PROTECTED, "SERVER", PROTECTED],
     "the message is no response, so it has no request"),
    (["unprotect", "SERVER", "4g"], "character 2: expected a hex digit"),
    (["derive", "GROUP"], "expected a context of type oscore, found one of a "
     "group; see covey-group(1)"),
    (["protect", "--number", "1", "GROUP", REQUEST],
     "expected a context of type oscore"),
    (["unprotect", "GROUP", PROTECTED], "expected a context of type oscore"),
    (["wireshark", "GROUP"], "expected a context of type oscore"),
]

# Messages that are not unprotected: flags, message, name, part of the reason,
# answer of a server.
REFUSED = [
    ([], "400100ffff", None, "the message: no CoAP message", None),
    ([], "", None, "the message: no CoAP message", None),
    (["--stream"], "0001" * 2, None, "the message: no CoAP message", None),
    ([], "44015d1f00003974", "bad-cose", "the OSCORE option is missing",
     "4.02 Failed to decode COSE"),
    ([], HEAD + "620914020914" + SEALED, "bad-cose", "twice", "4.02"),
    ([], HEAD + "620914", "bad-cose", "there is no payload", "4.02"),
    ([], HEAD + "620114" + SEALED, "bad-cose", "(RFC 8613 Section 6.1)",
     "4.02"),
    ([], HEAD + "6108" + SEALED, "bad-cose", "malformed", "4.02"),
    ([], HEAD + "6100" + SEALED, "bad-cose", "malformed", "4.02"),
    ([], HEAD + "63080014" + SEALED, "bad-cose", "malformed",
     "4.02"),
    ([], HEAD + "630a0014" + SEALED, "bad-cose", "malformed", "4.02"),
    # the Group Flag, and KUDOS
    ([], HEAD + "622914" + SEALED, "bad-cose", "a message in group mode (RFC "
     "10021) or with extended flags (KUDOS)", "4.02"),
    ([], HEAD + "6589011400aa" + SEALED, "bad-cose",
     "extended flags (KUDOS)", "4.02"),
    ([], HEAD + "63091401" + SEALED, "no-context",
     "kid or kid context are not those of this context (RFC 8613 Section "
     "8.2)", "4.01 Security context not found"),
    ([], HEAD + "641914" + "01aa" + SEALED, "no-context", "kid context",
     "4.01"),
    ([], HEAD + "620915" + SEALED, "not-decrypted", "the tag is wrong",
     "4.00 Decryption failed"),
    ([], HEAD + "620914" + SEALED[:-2] + "5f", "not-decrypted",
     "another key, nonce or AAD", "4.00"),
    ([], HEAD + "620914" + "ff0011223344556677", "not-decrypted",
     "the tag is wrong", "4.00"),
]

RESPONSES = [
    (["--request-piv", "15"], ANSWER, "not-decrypted"),
    (["--request-piv", "14"], ANSWER[:-2] + "07", "not-decrypted"),
    (["--request-piv", "14"],
     "64445d1f0000397491" + "20" + ANSWER[ANSWER.index("ff"):], "bad-cose"),
    (["--request-piv", "14"],
     "64445d1f0000397492" + "0802" + ANSWER[ANSWER.index("ff"):],
     "no-context"),
    (["--request-piv", "14"], RESPONSE, "bad-cose"),
]


class Refuse(unittest.TestCase):
    def setUp(self):
        self.folder = kit.Folder(self)
        self.client = kit.appendix_context(self.folder, C["C.1.1"])
        self.server = kit.appendix_context(self.folder, C["C.1.2"])
        group = self.folder.path("group")
        with open(group, "w", encoding="utf-8") as file:
            file.write("{type: group, gid: 01, aead: 10, curve: X25519, "
                       "pairwise_agreement: -27, gm_credential: a0, "
                       "master_secret: 01}\n")
        self.files = {"CLIENT": self.client, "SERVER": self.server,
                      "GROUP": group}

    def test_command_lines(self):
        for args, why in USAGE:
            with self.subTest(args=args):
                got = kit.run(*(self.files.get(a, a) for a in args))
                self.assertEqual(2, got.returncode, got.stderr)
                self.assertEqual(b"", got.stdout)
                self.assertIn(why, got.stderr.decode())
                self.assertIn(f"covey oscore {args[0]}: ",
                              got.stderr.decode())

    def test_verbs(self):
        got = kit.run("encrypt")
        self.assertEqual(2, got.returncode)
        self.assertIn(b"expected derive, protect, unprotect, option or "
                      b"wireshark, found 'encrypt'", got.stderr)
        for args in (["--help"], ["derive", "--help"], ["option", "--help"]):
            got = kit.run(*args)
            self.assertEqual(0, got.returncode)
            self.assertIn(b"usage: covey oscore derive", got.stdout)

    def test_requests(self):
        for flags, message, name, why, answer in REFUSED:
            with self.subTest(message=message):
                got = kit.run("unprotect", *flags, self.server, message)
                self.assertEqual(1, got.returncode, got.stderr)
                self.assertEqual(b"", got.stdout)
                self.assertIn(why, got.stderr.decode())
                if name is None:
                    continue
                self.assertIn("answer: " + answer, got.stderr.decode())
                got = kit.run("unprotect", "--json", *flags, self.server,
                              message)
                shown = json.loads(got.stdout)
                self.assertEqual(name, shown["refused"])
                self.assertIn(answer, shown["answer"])

    def test_responses(self):
        for flags, message, name in RESPONSES:
            with self.subTest(message=message, flags=flags):
                got = kit.run("unprotect", "--json", *flags, self.client,
                              message)
                self.assertEqual(1, got.returncode, got.stderr)
                self.assertEqual({"refused": name, "answer": "none"},
                                 json.loads(got.stdout))

    def test_refused_messages_are_explained(self):
        got = kit.run("unprotect", "--explain", "--json", self.server,
                      HEAD + "620915" + SEALED)
        shown = json.loads(got.stdout)
        self.assertEqual("not-decrypted", shown["refused"])
        self.assertEqual("15", shown["partial_iv"])
        self.assertEqual("4622d4dd6d944168eefb549869", shown["nonce"])
        self.assertEqual("8368456e63727970743040488501810a40411540",
                         shown["aad"])
        self.assertNotIn("plaintext", shown)

    def test_malformed_options_are_explained_as_far_as_they_go(self):
        for value in ("6100", "622914", "6108"):
            got = kit.run("unprotect", "--explain", "--json", self.server,
                          HEAD + value + SEALED)
            self.assertEqual(1, got.returncode)
            self.assertEqual("bad-cose", json.loads(got.stdout)["refused"])

    def test_request_of_a_response(self):
        for request, why in (
                (PROTECTED[:-2] + "5f", "expected a request protected for "
                 "this end: the tag is wrong"),
                (ANSWER, "the OSCORE option is missing"),
                (REQUEST, "the OSCORE option is missing"),
                ("40", "--request: no CoAP message")):
            with self.subTest(request=request):
                got = kit.run("protect", "--request", request, self.server,
                              RESPONSE)
                self.assertEqual(1, got.returncode)
                self.assertEqual(b"", got.stdout)
                self.assertIn(why, got.stderr.decode())
        got = kit.run("unprotect", "--request", PROTECTED, self.server,
                      ANSWER)
        self.assertEqual(1, got.returncode)
        self.assertIn(b"expected a request protected by this end: kid or kid "
                      b"context are not those", got.stderr)

    def test_messages_that_are_not_protected(self):
        for message, why in (
                ("40000000", "expected a request or a response, found code "
                 "0.00 (RFC 8613 Section 8)"),
                ("40c00000", "found code 6.00"),
                (PROTECTED, "it has an OSCORE option"),
                ("40010000ff", "no CoAP message")):
            with self.subTest(message=message):
                got = kit.run("protect", "--number", "1", self.client,
                              message)
                self.assertEqual(1, got.returncode)
                self.assertEqual(b"", got.stdout)
                self.assertIn(why, got.stderr.decode())

    def test_contexts(self):
        got = kit.run("derive", self.folder.path("none"))
        self.assertEqual(4, got.returncode)
        self.assertIn(b"No such file or directory", got.stderr)
        bad = self.folder.context(master_secret="01", sender_id="01",
                                  recipient_id="01")
        for verb, args in (("derive", []), ("wireshark", []),
                           ("unprotect", [PROTECTED]),
                           ("protect", ["--number", "1", REQUEST])):
            got = kit.run(verb, bad, *args)
            self.assertEqual(1, got.returncode)
            self.assertEqual(b"", got.stdout)
            self.assertIn(b"recipient_id: expected another ID than sender_id",
                          got.stderr)

    def test_wireshark_cannot_everything(self):
        common = {"master_secret": "01", "sender_id": "01",
                  "recipient_id": "02"}
        for keys, why in (({"aead": "A128GCM"}, "AES-CCM-16-64-128"),
                          ({"hkdf": "HKDF SHA-512"}, "HKDF SHA-256 only"),
                          ({"id_context": ""}, "1 to 64 bytes"),
                          ({"id_context": "00" * 65}, "1 to 64 bytes")):
            got = kit.run("wireshark", self.folder.context(**common, **keys))
            self.assertEqual(1, got.returncode)
            self.assertEqual(b"", got.stdout)
            self.assertIn(why, got.stderr.decode())


if __name__ == "__main__":
    unittest.main()
