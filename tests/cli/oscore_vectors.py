# SPDX-License-Identifier: BSD-2-Clause
"""covey oscore against the vectors, byte for byte: what is derived, protected
and unprotected, and every value in between."""
import hashlib
import hmac
import json
import unittest

import oscore_kit as kit

C = kit.appendix_c()
GENERATED = kit.vectors("oscore_generated.json")["cases"]
KEYS = ("sender_key", "recipient_key")


def shown(test, verb, *args):
    """The JSON object that a verb prints."""
    got = kit.run(verb, "--json", *args)
    test.assertEqual(0, got.returncode, got.stderr.decode())
    test.assertEqual(b"", got.stderr)
    return json.loads(got.stdout)


def plain(test, verb, *args):
    """The line that a verb prints."""
    got = kit.run(verb, *args)
    test.assertEqual(0, got.returncode, got.stderr.decode())
    return got.stdout.decode()[:-1]


class Derive(unittest.TestCase):
    def setUp(self):
        self.folder = kit.Folder(self)

    def contexts(self):
        """All six of Appendix C.1 to C.3."""
        for number in "123":
            for end in "12":
                case = C[f"C.{number}.{end}"]
                yield case, kit.appendix_context(self.folder, case)

    def test_appendix_c(self):
        for case, context in self.contexts():
            with self.subTest(id=case["id"]):
                got = shown(self, "derive", "--keys", "--explain", context)
                for name, value in case.items():
                    if name not in ("id", "title"):
                        self.assertEqual(value, got[name], name)

    def test_prk(self):
        for case, context in self.contexts():
            got = shown(self, "derive", "--keys", "--explain", context)
            prk = hmac.digest(bytes.fromhex(case.get("master_salt", "")),
                              bytes.fromhex(case["master_secret"]), "sha256")
            self.assertEqual(prk.hex(), got["prk"])

    def test_limits_of_the_keys(self):
        """draft-ietf-core-oscore-key-limits: q, v, and l in bytes."""
        for aead, forged, length in [(10, 2**14, 2**12), (30, 2**20, 2**14),
                                     (24, 2**20, 2**16)]:
            context = self.folder.context(
                aead=aead, master_secret="01", sender_id="01",
                recipient_id="02")
            got = shown(self, "derive", "--explain", context)
            self.assertEqual([2**20, forged, length],
                             [got["limit_encrypted"], got["limit_forged"],
                              got["limit_message_length"]])
            self.assertNotIn("limit_forged", shown(self, "derive", context))

    def test_keys_are_not_shown_unasked(self):
        for case, context in self.contexts():
            for flags in ([], ["--explain"], ["--json"],
                          ["--json", "--explain"]):
                got = kit.run("derive", *flags, context).stdout.decode()
                for name in KEYS + ("master_secret",):
                    self.assertNotIn(case[name], got)
                for name in KEYS:
                    digest = hashlib.sha256(bytes.fromhex(case[name]))
                    self.assertIn(digest.hexdigest()[:16], got)

    def test_text_says_the_same(self):
        for case, context in self.contexts():
            lines = plain(self, "derive", "--keys", "--explain",
                          context).split("\n")
            text = dict(line.split(":", 1) for line in lines)
            got = shown(self, "derive", "--keys", "--explain", context)
            self.assertEqual(list(got), list(text))
            for name, value in got.items():
                expected = {None: "absent", "": "empty"}.get(value, value)
                self.assertEqual(str(expected), text[name].strip())

    def test_generated(self):
        for case in GENERATED:
            client, server = kit.generated_contexts(self.folder, case)
            with self.subTest(id=case["id"]):
                got = shown(self, "derive", "--keys", client)
                self.assertEqual(case["client_key"], got["sender_key"])
                self.assertEqual(case["server_key"], got["recipient_key"])
                self.assertEqual(case["common_iv"], got["common_iv"])
                got = shown(self, "derive", "--keys", server)
                self.assertEqual(case["server_key"], got["sender_key"])
                self.assertEqual(case["client_key"], got["recipient_key"])


# As printed in Appendix C, but not in the file of its vectors; C.7 and C.8
# answer C.4.
AAD_ARRAYS = {"C.4": "8501810a40411440", "C.5": "8501810a4100411440",
              "C.6": "8501810a40411440", "C.7": "8501810a40411440",
              "C.8": "8501810a40411440"}


class AppendixC(unittest.TestCase):
    def setUp(self):
        self.folder = kit.Folder(self)

    def compare(self, case, got, key):
        for name in ("common_iv", "aad", "plaintext", "nonce", "ciphertext",
                     "oscore_option_value"):
            self.assertEqual(case[name], got[name], name)
        self.assertEqual(AAD_ARRAYS[case["id"]], got["aad_array"])
        self.assertEqual(case.get("partial_iv"), got["partial_iv"])
        self.assertEqual(case.get("kid_context"), got["kid_context"])
        self.assertEqual(case["encryption_key"], got[key])

    def test_requests(self):
        for name, context in (("C.4", "C.1"), ("C.5", "C.2"),
                              ("C.6", "C.3")):
            case = C[name]
            client = kit.appendix_context(self.folder, C[context + ".1"])
            server = kit.appendix_context(self.folder, C[context + ".2"])
            message = case["unprotected_coap_request"]
            protected = case["protected_coap_request_oscore_message"]
            number = str(case["sender_sequence_number"])
            with self.subTest(id=name):
                self.assertEqual(protected, plain(
                    self, "protect", "--number", number, client, message))
                self.assertEqual(message, plain(
                    self, "unprotect", server, protected))
                got = shown(self, "protect", "--explain", "--keys",
                            "--number", number, client, message)
                self.assertEqual(protected, got["protected"])
                self.compare(case, got, "sender_key")
                got = shown(self, "unprotect", "--explain", "--keys", server,
                            protected)
                self.assertEqual(message, got["unprotected"])
                self.compare(case, got, "recipient_key")

    def test_responses(self):
        client = kit.appendix_context(self.folder, C["C.1.1"])
        server = kit.appendix_context(self.folder, C["C.1.2"])
        request = C["C.4"]["protected_coap_request_oscore_message"]
        for name, flags in (("C.7", []),
                            ("C.8", ["--own-piv", "--number", "0"])):
            case = C[name]
            message = case["unprotected_coap_response"]
            protected = case["protected_coap_response_oscore_message"]
            for bound in (["--request", request], ["--request-piv", "14"]):
                with self.subTest(id=name, bound=bound[0]):
                    got = shown(self, "protect", "--explain", "--keys",
                                *flags, *bound, server, message)
                    self.assertEqual(protected, got["protected"])
                    self.compare(case, got, "sender_key")
                    got = shown(self, "unprotect", "--explain", "--keys",
                                *bound, client, protected)
                    self.assertEqual(message, got["unprotected"])
                    self.compare(case, got, "recipient_key")

    def test_keys_are_not_shown_unasked(self):
        client = kit.appendix_context(self.folder, C["C.1.1"])
        server = kit.appendix_context(self.folder, C["C.1.2"])
        case = C["C.4"]
        outputs = [
            kit.run("protect", "--explain", "--number", "20", client,
                    case["unprotected_coap_request"]),
            kit.run("unprotect", "--explain", server,
                    case["protected_coap_request_oscore_message"])]
        for got in outputs:
            self.assertEqual(0, got.returncode)
            for name in KEYS + ("master_secret",):
                self.assertNotIn(C["C.1.1"][name], got.stdout.decode())

    def test_hex_as_people_write_it(self):
        client = kit.appendix_context(self.folder, C["C.1.1"])
        case = C["C.4"]
        message = case["unprotected_coap_request"]
        protected = case["protected_coap_request_oscore_message"]
        args = ["--number", "20", client]
        self.assertEqual(protected, plain(
            self, "protect", *args, message[:10], "0x" + message[10:]))
        got = kit.run("protect", *args, "-", stdin=message + "\n")
        self.assertEqual(protected + "\n", got.stdout.decode())

    def test_context_from_standard_input(self):
        with open(kit.appendix_context(self.folder, C["C.1.1"]),
                  encoding="utf-8") as file:
            context = file.read()
        got = kit.run("protect", "--number", "20", "-",
                      C["C.4"]["unprotected_coap_request"], stdin=context)
        self.assertEqual(C["C.4"]["protected_coap_request_oscore_message"],
                         got.stdout.decode()[:-1])
        self.assertEqual(b"", got.stderr)


class Flags(unittest.TestCase):
    """What the options change."""

    def setUp(self):
        self.folder = kit.Folder(self)
        self.client = kit.appendix_context(self.folder, C["C.3.1"])
        self.server = kit.appendix_context(self.folder, C["C.3.2"])

    def test_kid_context_may_be_left_out(self):
        message = C["C.6"]["unprotected_coap_request"]
        got = shown(self, "protect", "--explain", "--number", "20",
                    "--omit-kid-context", self.client, message)
        self.assertEqual("0914", got["oscore_option_value"])
        self.assertIsNone(got["kid_context"])
        self.assertEqual(C["C.6"]["ciphertext"], got["ciphertext"])
        self.assertEqual(message, plain(self, "unprotect", self.server,
                                        got["protected"]))

    def test_streams(self):
        message = "5001b474657374"  # RFC 8323: no type, no Message ID
        protected = plain(self, "protect", "--stream", "--number", "1",
                          self.client, message)
        self.assertEqual("02", protected[4:6])  # behind a length of two
        self.assertEqual(message, plain(self, "unprotect", "--stream",
                                        self.server, protected))
        got = kit.run("unprotect", "--stream", self.server, protected + "00")
        self.assertEqual(1, got.returncode)

    def test_signalling_is_protected_as_requests_are(self):
        message = "00e1"  # CSM, RFC 8323 Section 5.3
        protected = plain(self, "protect", "--stream", "--number", "1",
                          self.client, message)
        self.assertEqual(message, plain(self, "unprotect", "--stream",
                                        self.server, protected))

    def test_options_for_a_proxy_go_inside(self):
        message = "40010000" + "3161"  # Uri-Host, class U otherwise
        got = shown(self, "protect", "--explain", "--number", "1",
                    self.client, message)
        self.assertEqual("01", got["plaintext"])
        got = shown(self, "protect", "--explain", "--number", "1",
                    "--to-proxy", self.client, message)
        self.assertEqual("013161", got["plaintext"])
        self.assertEqual(message, plain(self, "unprotect", self.server,
                                        got["protected"]))

    def test_nested_protection(self):
        outer = kit.appendix_context(self.folder, C["C.2.1"])
        proxy = kit.appendix_context(self.folder, C["C.2.2"])
        message = C["C.6"]["unprotected_coap_request"]
        once = plain(self, "protect", "--number", "1", self.client, message)
        twice = plain(self, "protect", "--number", "2", "--to-proxy", outer,
                      once)
        back = plain(self, "unprotect", proxy, twice)
        self.assertEqual(once, back)
        self.assertEqual(message, plain(self, "unprotect", self.server, back))

    def test_answer_to_an_observation(self):
        message = "6045000060ff31"  # Observe without a value
        got = shown(self, "protect", "--own-piv", "--number", "7",
                    "--request-piv", "14", "--observe", self.server, message)
        args = ["--request-piv", "14", "--observe", self.client,
                got["protected"]]
        self.assertEqual("604500006107ff31", plain(self, "unprotect", *args))
        got = kit.run("unprotect", "--request-piv", "14", self.client,
                      got["protected"])
        self.assertEqual(1, got.returncode)
        self.assertIn(b"not what the request asked for", got.stderr)

    def test_number_of_the_context_file(self):
        case = C["C.1.1"]
        context = self.folder.context(
            master_secret=case["master_secret"],
            master_salt=case["master_salt"], sender_id=case["sender_id"],
            recipient_id=case["recipient_id"], sequence_number=20)
        self.assertEqual(C["C.4"]["protected_coap_request_oscore_message"],
                         plain(self, "protect", context,
                               C["C.4"]["unprotected_coap_request"]))


def received(response):
    """The response as the client gets it: the order of a notification is
    that of its Partial IV (RFC 8613 Section 8.4.2)."""
    observe, piv = response["plain"].find("ff") - 4, response["ssn"]
    if not response["own_piv"] or \
            response["plain"][observe:observe + 2] != "61":
        return response["plain"]
    return (response["plain"][:observe] + f"61{piv:02x}" +
            response["plain"][observe + 4:])


class Generated(unittest.TestCase):
    """Each case: the request from client to server, the response back."""

    def setUp(self):
        self.folder = kit.Folder(self)

    def request(self, case, client, server):
        request = case["request"]
        got = shown(self, "protect", "--explain", "--number",
                    str(request["ssn"]), client, request["plain"])
        self.assertEqual(request["protected"], got["protected"])
        self.assertEqual(request["option"], got["oscore_option_value"])
        for name in ("plaintext", "ciphertext", "aad", "nonce"):
            self.assertEqual(request[name], got.get(name), name)
        self.assertEqual(request["plain"], plain(
            self, "unprotect", server, request["protected"]))

    def response(self, case, client, server):
        response = case["response"]
        bound = ["--request", case["request"]["protected"]]
        flags = ["--own-piv", "--number", str(response["ssn"])] \
            if response["own_piv"] else []
        got = shown(self, "protect", "--explain", *flags, *bound, server,
                    response["plain"])
        self.assertEqual(response["protected"], got["protected"])
        self.assertEqual(response["option"], got["oscore_option_value"])
        for name in ("plaintext", "ciphertext", "nonce"):
            self.assertEqual(response[name], got[name], name)
        self.assertEqual(
            received(response), plain(self, "unprotect", *bound, client,
                                      response["protected"]))

    def test_exchanges(self):
        count = 0
        for case in GENERATED:
            client, server = kit.generated_contexts(self.folder, case)
            with self.subTest(id=case["id"]):
                self.request(case, client, server)
                if case.get("response"):
                    self.response(case, client, server)
                count += 1
        self.assertEqual(len(GENERATED), count)


if __name__ == "__main__":
    unittest.main()
