# SPDX-License-Identifier: BSD-2-Clause
"""`covey group` as a person calls it: what is refused and how, what is never
printed, who is told what."""
import json
import unittest

from group_kit import (Case, DONE, IO, NEGATIVE, USAGE, checker, context, flip,
                       load)

CASES = {case["id"]: case for case in load()["cases"]}
BOTH = CASES["alg-10-10-group-pairwise"]  # request group, response pairwise
PAIRWISE = CASES["alg-10-10-pairwise-pairwise"]
CTR = CASES["alg-10--65534-group-group"]
OWN = ("sender_id", "credential", "private_key", "sequence_number")
VERBS = ("derive", "protect", "unprotect", "verify")


def third(document):
    """A second other member, whose credential is that of the first."""
    document["members"].append({**document["members"][0], "id": "77"})
    return document


class Ends(Case):
    def setUp(self):
        super().setUp()
        self.client = self.write(context(BOTH, "client"))
        self.server = self.write(context(BOTH, "server"))
        self.request, self.response = BOTH["exchange"]


class CommandLine(Ends):
    def test_says_which_verbs_there_are(self):
        self.refuses(USAGE, "unprotect")
        self.refuses(USAGE, "sign: no such verb", "sign")
        self.assertIn("verify", self.covey(DONE, "--help"))
        for verb in VERBS:
            out = self.covey(DONE, verb, "--help")
            self.assertIn("usage: covey group " + verb, out)
            self.assertLess(max(map(len, out.splitlines())), 80)

    def test_refuses_bad_command_lines(self):
        for verb in VERBS:
            self.refuses(USAGE, "CONTEXT: missing", verb)
            self.refuses(USAGE, "no such option", verb, "--master-secret")
            self.refuses(USAGE, f"try 'covey group {verb} --help'", verb)
        for verb in VERBS[1:]:
            self.refuses(USAGE, "HEX|-: missing", verb, self.client)
            self.refuses(USAGE, "unexpected", verb, self.client, "00", "00")
            self.refuses(USAGE, "only once", verb, "-", "-")
            self.refuses(USAGE, "needs a value", verb, "--to")
        self.refuses(USAGE, "no such option", "derive", "--to", "52")
        self.refuses(USAGE, "no such option", "verify", "--unicast")

    def test_refuses_bad_values(self):
        base = ("protect", self.client, self.request["plain_message"])
        self.refuses(USAGE, "group or pairwise", *base, "--mode", "both")
        for number in ("", "-1", "0x10", "1099511627776",
                       "99999999999999999999", "1 "):
            self.refuses(USAGE, "below 2^40", *base, f"--number={number}")
        for to in ("5", "xx", "0102030405060708"):
            self.refuses(USAGE, "Sender ID", *base, "--to", to)
        self.refuses(USAGE, "only one of", "unprotect", self.server, "00",
                     "--unicast", "--multicast")

    def test_refuses_bad_messages(self):
        for verb in VERBS[1:]:
            self.refuses(USAGE, "middle of a byte", verb, self.client, "4")
            self.refuses(USAGE, "found 'z'", verb, self.client, "zz")
            self.refuses(NEGATIVE, "RFC 7252", verb, self.client, "")
            self.refuses(NEGATIVE, "byte 5", verb, self.client, "40010000ff")

    def test_reads_standard_input_once(self):
        plain = self.request["plain_message"]
        want = self.request["protected"] + "\n"
        self.assertEqual(self.covey(DONE, "protect", self.client, "-",
                                    stdin=plain), want)
        self.assertEqual(
            self.covey(DONE, "protect", "-", plain,
                       stdin=json.dumps(context(BOTH, "client"))), want)

    def test_says_what_belongs_to_requests_and_responses(self):
        request = self.request["plain_message"]
        response = self.response["plain_message"]
        self.refuses(USAGE, "--request HEX is missing", "protect",
                     self.server, response)
        for option in ("--own-piv", "--kid", "--kid-context"):
            self.refuses(USAGE, "are for responses", "protect", self.client,
                         request, option)
        for verb, path in (("unprotect", self.client), ("verify",
                                                        self.client)):
            self.refuses(USAGE, "--request HEX is missing", verb, path,
                         self.response["protected"])
            self.refuses(USAGE, "--request is for responses", verb, path,
                         self.request["protected"], "--request",
                         self.request["protected"])

    def test_refuses_a_request_that_is_none(self):
        sealed = self.request["protected"]
        base = ("protect", self.server, self.response["plain_message"],
                "--request")
        self.refuses(USAGE, "hex digit", *base, "zz")
        for request in (self.request["plain_message"],
                        self.response["protected"],
                        # no kid, no kid context, no Partial IV
                        sealed.replace("96390002dd1125", "95310002dd11"),
                        sealed.replace("96390002dd1125", "93290025"),
                        sealed.replace("96390002dd1125", "953802dd1125")):
            self.refuses(NEGATIVE, "RFC 10021 Section 3.2", *base, request)

    def test_refuses_bad_context_files(self):
        for verb in VERBS:
            operand = () if verb == "derive" else (self.request["protected"],)
            self.refuses(IO, "No such file", verb, self.folder / "none.json",
                         *operand)
            self.refuses(NEGATIVE, "error", verb, self.write("{"), *operand)
            self.refuses(NEGATIVE, "error", verb, self.write("type: group"),
                         *operand)
        plain = {"type": "oscore", "master_secret": "00" * 16,
                 "sender_id": "00", "recipient_id": "01"}
        self.refuses(USAGE, "type group", "derive", self.write(plain))


class Secrets(Ends):
    def secrets(self):
        """Everything in hex that must not be seen."""
        keys = dict(BOTH["derived"])
        del keys["common_iv"]
        found = [*keys.values(), BOTH["group"]["master_secret"],
                 *(end["private_key"] for end in BOTH["endpoints"].values())]
        return found + [message["keystream"] for message in BOTH["exchange"]
                        if "keystream" in message]

    def calls(self):
        """All that say something on standard output."""
        sealed = self.request["protected"]
        response = ("--request", sealed)
        yield "derive", self.client
        yield "protect", self.client, self.request["plain_message"]
        yield ("protect", self.server, self.response["plain_message"],
               *response)
        yield "unprotect", self.server, sealed
        yield "unprotect", self.client, self.response["protected"], *response
        yield "verify", self.server, sealed

    def test_never_prints_keys_unless_asked(self):
        for call in self.calls():
            for form in ((), ("--json",)):
                out = self.covey(DONE, *call, "--explain", *form)
                for secret in self.secrets():
                    self.assertNotIn(secret, out, msg=call)
                if call[0] != "verify":
                    self.assertIn("_sha256", out)

    def test_prints_keys_when_asked(self):
        out = self.covey(DONE, "derive", self.client, "--keys")
        for secret in BOTH["derived"].values():
            self.assertIn(secret, out)

    def test_fingerprints_are_those_of_sha_256(self):
        import hashlib
        key = BOTH["derived"]["client_sender_key"]
        digest = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]
        got = self.values(DONE, "derive", self.client)
        self.assertEqual(got["sender_key_sha256"], digest)
        self.assertEqual(got["key_length"], 16)


class Derive(Ends):
    def test_explains_with_info_structures(self):
        got = self.values(DONE, "derive", self.client, "--explain")
        # RFC 10021 Sections 2.1.9 and 2.3, [id, Gid, 10, type, length]
        self.assertEqual(got["info_for_common_iv"], "854042dd110a6249560d")
        self.assertEqual(got["info_for_signature_encryption_key"],
                         "854042dd110a6553454b657910")
        self.assertEqual(got["info_for_sender_key"],
                         "85412542dd110a634b657910")
        (peer,) = got["members"]
        self.assertEqual(peer["info_for_recipient_key"],
                         "85415242dd110a634b657910")
        self.assertEqual(peer["info_for_pairwise_sender_key"],
                         "85412542dd110a634b657910")
        self.assertEqual(peer["info_for_pairwise_recipient_key"],
                         "85415242dd110a634b657910")

    def test_names_both_algorithms_where_they_differ(self):
        path = self.write(context(CTR, "client"))
        got = self.values(DONE, "derive", path, "--explain")
        self.assertEqual((got["aead"], got["group_encryption"]),
                         ("AES-CCM-16-64-128", "A128CTR"))
        # A128CTR, -65534, in info of all but pairwise keys; the Common IV is
        # as long as the longer nonce, Sender IDs go with the shorter one.
        self.assertEqual(got["info_for_sender_key"],
                         "85412542dd1139fffd634b657910")
        self.assertEqual(got["members"][0]["info_for_pairwise_sender_key"],
                         "85412542dd110a634b657910")
        self.assertEqual(len(got["common_iv"]), 2 * 13)
        self.assertEqual(got["sender_id_max"], 6)

    def test_a_silent_server_has_no_sender_key(self):
        document = context(BOTH, "server")
        for key in OWN:
            del document[key]
        got = self.values(DONE, "derive", self.write(document))
        self.assertNotIn("sender_key_sha256", got)
        self.assertIn("recipient_key_sha256", got["members"][0])
        self.assertNotIn("pairwise_sender_key_sha256",
                         got["members"][0])

    def test_a_checker_derives_nothing(self):
        path = self.write(checker(BOTH))
        self.refuses(NEGATIVE, "no Master Secret", "derive", path)
        self.refuses(NEGATIVE, "without a Sender ID", "protect", path,
                     self.request["plain_message"])
        self.refuses(NEGATIVE, "without a Master Secret", "unprotect", path,
                     self.request["protected"])


class Protect(Ends):
    def test_takes_the_mode_that_there_is(self):
        request = PAIRWISE["exchange"][0]
        only = self.write(context(CASES["pairwiseonly"], "client"))
        out = self.values(DONE, "protect", only, request["plain_message"])
        self.assertEqual(out["mode"], "pairwise")
        self.assertEqual(out["protected"],
                         CASES["pairwiseonly"]["exchange"][0]["protected"])
        self.assertEqual(self.values(DONE, "protect", self.client,
                                     request["plain_message"])["mode"],
                         "group")

    def test_a_response_takes_the_mode_of_its_request(self):
        for case in (PAIRWISE, CASES["alg-24-24-group-group"]):
            request, response = case["exchange"]
            path = self.write(context(case, "server"))
            out = self.covey(DONE, "protect", path, response["plain_message"],
                             "--request", request["protected"])
            self.assertEqual(out, response["protected"] + "\n")

    def test_refuses_a_mode_that_there_is_not(self):
        plain = self.request["plain_message"]
        only = self.write(context(CASES["pairwiseonly"], "client"))
        self.refuses(NEGATIVE, "no group mode", "protect", only, plain,
                     "--mode", "group")
        only = self.write(context(CASES["grouponly"], "client"))
        self.refuses(NEGATIVE, "no pairwise mode", "protect", only, plain,
                     "--mode", "pairwise")

    def test_wants_to_know_for_whom(self):
        path = self.write(third(context(PAIRWISE, "client")))
        request = PAIRWISE["exchange"][0]
        base = ("protect", path, request["plain_message"], "--mode",
                "pairwise")
        self.refuses(USAGE, "--to ID", *base)
        self.refuses(USAGE, "--to ID", *base, "--to", "99")
        self.refuses(USAGE, "--to ID", *base, "--to", "25")
        self.assertEqual(self.covey(DONE, *base, "--to", "52"),
                         request["protected"] + "\n")

    def test_refuses_to_answer_strangers_in_pairwise_mode(self):
        request = self.request["protected"].replace("1125ff", "1126ff")
        self.refuses(NEGATIVE, "Section 8.1", "protect", self.server,
                     self.response["plain_message"], "--request", request,
                     "--mode", "pairwise")

    def test_refuses_to_answer_itself(self):
        request = self.request["protected"].replace("1125ff", "1152ff")
        self.refuses(NEGATIVE, "of this member itself", "protect", self.server,
                     self.response["plain_message"], "--request", request,
                     "--mode", "group")

    def test_a_silent_server_sends_nothing(self):
        document = context(BOTH, "server")
        for key in OWN:
            del document[key]
        path = self.write(document)
        self.refuses(NEGATIVE, "without a Sender ID", "protect", path,
                     self.request["plain_message"])
        got = self.values(DONE, "unprotect", path, self.request["protected"])
        self.assertEqual(got["unprotected"], self.request["plain_message"])

    def test_refuses_what_is_no_request_and_no_response(self):
        self.refuses(NEGATIVE, "E_ARGUMENT", "protect", self.client,
                     "40000000")

    def test_guesses_no_number(self):
        document = context(BOTH, "client")
        del document["sequence_number"]
        base = ("protect", self.write(document), self.request["plain_message"])
        self.refuses(USAGE, "--number N: missing", *base)
        self.covey(DONE, *base, "--number", 0)
        document = context(BOTH, "server")
        del document["sequence_number"]
        base = ("protect", self.write(document),
                self.response["plain_message"], "--request",
                self.request["protected"])
        self.covey(DONE, *base)
        self.refuses(USAGE, "--number N: missing", *base, "--own-piv")

    def test_numbers_end_where_the_partial_iv_does(self):
        base = ("protect", self.client, self.request["plain_message"],
                "--number")
        self.covey(DONE, *base, 2**40 - 1)
        self.refuses(USAGE, "below 2^40", *base, 2**40)

    def test_a_response_says_more_when_asked(self):
        base = ("protect", self.server, self.response["plain_message"],
                "--request", self.request["protected"], "--explain",
                "--mode", "pairwise")
        plain = self.values(DONE, *base)
        self.assertEqual(plain["oscore_option_value"], "0852")
        more = self.values(DONE, *base, "--kid-context", "--own-piv",
                           "--number", 7)
        self.assertEqual(more["oscore_option_value"], "190702dd1152")
        self.assertEqual(more["partial_iv"], "07")
        self.assertNotEqual(more["nonce"], plain["nonce"])

    def test_seed_002_has_the_sender_in_every_message(self):
        request, response = PAIRWISE["exchange"]
        for rule, option in (("when-needed", ""), ("always", "0852")):
            path = self.write({**context(PAIRWISE, "server"), "kid": rule})
            got = self.values(DONE, "protect", path,
                              response["plain_message"], "--request",
                              request["protected"], "--explain")
            self.assertEqual(got["oscore_option_value"], option)

    def test_a_request_under_another_gid_gets_a_number_and_the_gid(self):
        # Section 7.3: another Security Context than the request's.
        request = self.request["protected"].replace("3900" "02dd11",
                                                    "3900" "02dd10")
        got = self.values(DONE, "protect", self.server,
                          self.response["plain_message"], "--request", request,
                          "--number", 3, "--explain", "--mode", "pairwise")
        self.assertEqual(got["oscore_option_value"], "190302dd1152")
        self.assertIn("42dd10", got["external_aad"])
        back = self.values(DONE, "unprotect", self.client, got["protected"],
                           "--request", request)
        self.assertEqual(back["unprotected"], self.response["plain_message"])
        self.values(NEGATIVE, "unprotect", self.client, got["protected"],
                    "--request", self.request["protected"])


class Unprotect(Ends):
    def test_prints_the_message_and_tells_of_whom_it_is(self):
        got = self.run_covey("unprotect", self.server,
                             self.request["protected"])
        self.assertEqual((got.returncode, got.stdout),
                         (DONE, self.request["plain_message"] + "\n"))
        self.assertIn("from 25 in group mode, number 0: fresh", got.stderr)
        got = self.run_covey("unprotect", self.client,
                             self.response["protected"], "--request",
                             self.request["protected"])
        self.assertEqual((got.returncode, got.stdout),
                         (DONE, self.response["plain_message"] + "\n"))
        self.assertIn("from 52 in pairwise mode: fresh", got.stderr)

    def test_explains_in_text_what_it_has_in_json(self):
        base = ("unprotect", self.server, self.request["protected"],
                "--explain")
        lines = self.covey(DONE, *base).splitlines()
        pairs = dict(line.split(maxsplit=1) for line in lines)
        got = self.values(DONE, *base)
        self.assertEqual(pairs, {name + ":": str(value)
                                 for name, value in got.items()})

    def test_warns_of_group_mode_to_one(self):
        base = ("unprotect", self.server, self.request["protected"])
        for form, warns in ((("--unicast",), True), (("--multicast",), False),
                            ((), False)):
            got = self.values(DONE, *base, *form)
            self.assertEqual("suspicious" in got, warns)
            said = self.run_covey(*base, *form).stderr
            self.assertEqual("warning" in said, warns)

    def test_a_pairwise_request_to_one_is_as_it_should_be(self):
        path = self.write(context(PAIRWISE, "server"))
        got = self.values(DONE, "unprotect", path, "--unicast",
                          PAIRWISE["exchange"][0]["protected"])
        self.assertNotIn("suspicious", got)

    def test_refuses_any_change_of_what_is_protected(self):
        for case, first in ((BOTH, 6), (PAIRWISE, 6), (CTR, 6)):
            path = self.write(context(case, "server"))
            sealed = case["exchange"][0]["protected"]
            for at in range(first, len(sealed) // 2):
                got = self.run_covey("unprotect", path, flip(sealed, at))
                self.assertEqual(got.returncode, NEGATIVE,
                                 msg=f"byte {at}: {got.stdout}")

    def test_refuses_every_truncation(self):
        sealed = self.request["protected"]
        for end in range(0, len(sealed), 2):
            got = self.run_covey("unprotect", self.server, sealed[:end])
            self.assertEqual(got.returncode, NEGATIVE, msg=end)
            self.assertEqual(got.stdout, "")

    def test_refuses_its_own_message(self):
        got = self.values(NEGATIVE, "unprotect", self.client,
                          self.request["protected"])
        self.assertEqual((got["refused"], got["section"]),
                         ("own", "RFC 10021 Section 7.2"))

    def test_group_requests_are_answered_with_silence(self):
        got = self.values(NEGATIVE, "unprotect", self.server,
                          flip(self.request["protected"], -1))
        self.assertEqual((got["refused"], got["answer"], got["section"]),
                         ("bad-signature", "none", "RFC 10021 Section 7.2"))

    def test_names_the_section_for_each_kind(self):
        for case, which, section in (
                ("alg-24-24-group-group", 0, "7.2"),
                ("alg-24-24-group-group", 1, "7.4"),
                ("alg-24-24-pairwise-pairwise", 0, "8.4"),
                ("alg-24-24-pairwise-pairwise", 1, "8.6")):
            case = CASES[case]
            message = case["exchange"][which]
            path = self.write(context(case, ("server", "client")[which]))
            args = ("--request", case["exchange"][0]["protected"])[:2 * which]
            got = self.values(NEGATIVE, "unprotect", path,
                              flip(message["protected"], -1), *args)
            self.assertEqual(got["section"], "RFC 10021 Section " + section)

    def test_binds_a_response_to_its_request(self):
        other = self.values(DONE, "protect", self.client,
                            self.request["plain_message"], "--number",
                            9)["protected"]
        got = self.values(NEGATIVE, "unprotect", self.client,
                          self.response["protected"], "--request", other)
        self.assertEqual(got["refused"], "not-decrypted")

    def test_wants_to_know_whom_a_pairwise_request_was_for(self):
        path = self.write(third(context(PAIRWISE, "client")))
        request, response = PAIRWISE["exchange"]
        base = ("unprotect", path, response["protected"], "--request",
                request["protected"])
        self.refuses(USAGE, "--to ID", *base)
        self.assertEqual(self.values(DONE, *base, "--to", "52")["unprotected"],
                         response["plain_message"])
        self.values(NEGATIVE, *base, "--to", "77")

    def test_challenges_where_no_number_is_known(self):
        document = {**context(BOTH, "server"), "replay_windows": "invalid"}
        got = self.values(NEGATIVE, "unprotect", self.write(document),
                          self.request["protected"])
        self.assertEqual(got["verdict"], "maybe-replay")
        self.refuses(NEGATIVE, "RFC 10021 Section 9", "unprotect",
                     self.write(document), self.request["protected"])
        self.assertNotIn("unprotected", got)

    def test_drops_the_first_message_where_the_seed_does(self):
        document = {**context(BOTH, "server"), "replay_windows": "invalid",
                    "late_joining": "drop-first"}
        got = self.values(NEGATIVE, "unprotect", self.write(document),
                          self.request["protected"])
        self.assertEqual(got["refused"], "baseline")
        self.assertIn("multicast-oscoap-00 Section 7.2", got["section"])

    def test_takes_numbers_that_the_manager_tells(self):
        document = {**context(BOTH, "server"), "replay_windows": "invalid",
                    "late_joining": "manager"}
        base = ("unprotect", "-", self.request["protected"], "--json")
        for number, status in ((None, NEGATIVE), (0, DONE), (1, NEGATIVE)):
            if number is not None:
                document["members"][0]["number"] = number
            got = self.run_covey(*base, stdin=json.dumps(document))
            self.assertEqual(got.returncode, status, msg=number)

    def test_finds_the_sender_among_a_hundred(self):
        document = context(BOTH, "server")
        (member,) = document["members"]
        document["members"] = [{**member, "id": f"00{i:02x}"}
                               for i in range(99)] + [member]
        got = self.values(DONE, "unprotect", self.write(document),
                          self.request["protected"])
        self.assertEqual(got["sender"], "25")

    def test_refuses_a_mode_that_the_group_has_not(self):
        for case, message in (("pairwiseonly", self.request),
                              ("grouponly", PAIRWISE["exchange"][0])):
            path = self.write({**context(CASES[case], "server"),
                               "gid": BOTH["group"]["gid"]})
            got = self.values(NEGATIVE, "unprotect", path,
                              message["protected"])
            self.assertEqual((got["refused"], got["section"]),
                             ("no-mode", "RFC 10021 Section 6"))

    def test_looks_at_roles(self):
        document = context(BOTH, "server")
        document["members"][0]["roles"] = "responder"
        got = self.values(NEGATIVE, "unprotect", self.write(document),
                          self.request["protected"])
        self.assertEqual(got["refused"], "bad-role")

    def test_explains_a_stranger_as_far_as_it_can(self):
        document = {**context(BOTH, "server"), "members": []}
        got = self.values(NEGATIVE, "unprotect", self.write(document),
                          self.request["protected"], "--explain")
        self.assertEqual((got["refused"], got["kid"], got["sender"]),
                         ("no-sender", "25", "25"))
        self.assertNotIn("external_aad", got)

    def test_ctr_has_no_aad(self):
        got = self.values(DONE, "unprotect",
                          self.write(context(CTR, "server")),
                          CTR["exchange"][0]["protected"], "--explain")
        self.assertNotIn("aad", got)
        self.assertIn("external_aad", got)


class Verify(Ends):
    def setUp(self):
        super().setUp()
        self.checker = self.write(checker(BOTH))

    def test_a_member_may_check_too(self):
        for path in (self.client, self.server):
            got = self.values(DONE, "verify", path, self.request["protected"],
                              "--explain", "--keys")
            self.assertEqual((got["verdict"], got["sender"]),
                             ("verified", "25"))
            self.assertNotIn("plaintext", got)
            self.assertNotIn("encryption_key", got)

    def test_says_who_signed(self):
        self.assertEqual(self.covey(DONE, "verify", self.checker,
                                    self.request["protected"]),
                         "signed by 25\n")

    def refused(self, says, document):
        self.refuses(NEGATIVE, says, "verify", self.write(document),
                     self.request["protected"])

    def test_refuses_with_another_key(self):
        self.refused("RFC 10021 Section 7.5",
                     {**checker(BOTH), "signature_encryption_key": "00" * 16})

    def test_refuses_strangers_and_other_groups(self):
        document = checker(BOTH)
        document["members"] = document["members"][1:]
        self.refused("no member", document)
        self.refused("another group", {**checker(BOTH), "gid": "dd12"})

    def test_refuses_where_there_is_no_group_mode(self):
        self.refused("no group mode",
                     context(CASES["pairwiseonly"], "server"))

    def test_a_response_is_checked_with_its_own_request(self):
        case = CASES["alg-24-24-group-group"]
        request, response = case["exchange"]
        path = self.write(checker(case))
        self.values(DONE, "verify", path, response["protected"], "--request",
                    request["protected"])
        other = request["protected"].replace("390002dd1125", "390102dd1125")
        self.assertNotEqual(other, request["protected"])
        got = self.values(NEGATIVE, "verify", path, response["protected"],
                          "--request", other)
        self.assertEqual(got["status"], "E_AUTH")

    def test_cannot_read(self):
        out = self.covey(DONE, "verify", self.checker, "--explain", "--keys",
                         self.request["protected"])
        self.assertNotIn(self.request["plaintext"], out)
        self.assertNotIn("message:", out)


if __name__ == "__main__":
    unittest.main()
