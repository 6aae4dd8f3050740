# SPDX-License-Identifier: BSD-2-Clause
"""covey get and covey-server in a group with Group OSCORE: three servers in
namespaces, one of which has joined late. Who is asked and who answers is
verified; nothing is done twice, whatever is sent again and whoever is killed,
and no number is used twice on the whole wire."""
import os
import signal
import subprocess
import unittest

import group_network as world
import namespace_kit as net
import request_group as group
import request_kit as kit
import server_kit

OSCORE, GROUP_FLAG, KID_CONTEXT, KID = 9, 0x20, 0x10, 0x08
EVERYBODY = {"0a", "0b", "0c"}


def take_apart(value):
    """(Partial IV, kid) of an OSCORE option; None where it has none."""
    if not value:
        return None, None
    flags, rest = value[0], value[1:]
    piv, rest = rest[:flags & 7], rest[flags & 7:]
    if flags & KID_CONTEXT:
        rest = rest[1 + rest[0]:]
    return piv or None, rest if flags & KID else None


class Secure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world.World(cls)
        cls.world.start(1)
        cls.world.start(2, ", replies: pairwise")
        cls.world.start(3, f", address: {world.GROUP}",
                        replay_windows="invalid")

    @classmethod
    def tearDownClass(cls):
        for i in list(cls.world.servers):
            cls.world.stop(i, signal.SIGTERM)

    def origin(self, answer):
        return answer["origin"].split(":")[0]

    def count(self, i):
        """The counter of a server, asked in pairwise mode."""
        status, answers, err = self.world.covey(
            "get", "--to", world.ID[i], f"coap://10.77.0.{i}/n")
        self.assertEqual((0, 1), (status, len(answers)), err)
        self.assertEqual("pairwise", answers[0]["mode"])
        return int(world.text_of(answers[0]))

    def test_1_everybody_answers_and_is_verified(self):
        answers, status = self.world.ask_all("get", "n")
        self.assertEqual((0, EVERYBODY), (status, set(answers)))
        for i in world.SERVERS:
            answer = answers[world.ID[i]]
            self.assertEqual(f"10.77.0.{i}", self.origin(answer))
            self.assertEqual("0", world.text_of(answer))
            self.assertTrue(answer["protected"])
        self.assertEqual("group", answers["0a"]["mode"])
        self.assertEqual("pairwise", answers["0b"]["mode"])  # as configured
        # It did not know our numbers, and was sent its Echo value alone.
        self.assertEqual("pairwise", answers["0c"]["mode"])
        # By now it does, and answers at once.
        answers, _ = self.world.ask_all("get", "n")
        self.assertEqual("group", answers["0c"]["mode"])

    def test_2_only_members_are_served(self):
        status, out, err = group.covey("get", "coap://10.77.0.1/n")
        self.assertEqual((1, ""), (status, out))
        self.assertIn("4.01", err)
        status, out, _ = group.covey("get", "coap://10.77.0.1/open")
        self.assertEqual((0, "hello"), (status, out))
        answers, _ = self.world.ask_all("get", "role")
        self.assertEqual(EVERYBODY, set(answers))

    def test_3_one_is_asked_in_pairwise_mode(self):
        before = self.count(2)
        status, answers, err = self.world.covey(
            "post", "--to", "0b", "coap://10.77.0.2/n")
        self.assertEqual((0, "0b"), (status, answers[0]["sender"]), err)
        self.assertEqual(before + 1, self.count(2))
        # In blocks, too.
        status, answers, err = self.world.covey(
            "get", "--to", "0b", "coap://10.77.0.2/large")
        self.assertEqual((0, "pairwise"), (status, answers[0]["mode"]), err)
        # Another one cannot read it.
        status, answers, err = self.world.covey(
            "get", "--to", "0a", "coap://10.77.0.2/n")
        self.assertEqual((1, []), (status, answers))
        self.assertIn("4.00", err)
        status, _, err = self.world.covey("get", "coap://10.77.0.2/n")
        self.assertEqual(2, status)
        self.assertIn("--to", err)

    def replay(self, i):
        """All requests that were ever sent, under other Message IDs, to a
        server alone; the counter must not move."""
        before = self.count(i)
        requests = {data[4:]: data[:2] + os.urandom(2) + data[4:]
                    for source, data in self.world.wire()
                    if source == f"10.77.0.{group.CLIENT}" and
                    0 < data[1] < 32}
        self.world.send(f"10.77.0.{i}", requests.values())
        self.assertEqual(before, self.count(i))

    def test_4_a_replay_is_refused(self):
        answers, _ = self.world.ask_all("post", "n")
        self.assertEqual(EVERYBODY, set(answers))
        self.replay(1)

    def test_5_a_server_that_is_killed(self):
        for _ in range(2):
            self.world.stop(1, signal.SIGKILL)
            self.world.start(1)
            self.replay(1)
        # It knows nobody's numbers, asks once, and then is as before.
        answers, _ = self.world.ask_all("get", "n")
        self.assertEqual("group", answers["0a"]["mode"])

    def test_6_a_client_that_is_killed(self):
        for _ in range(3):
            client = net.inside(
                group.CLIENT, *self.world.command(
                    "post", f"coap://{world.GROUP}/n"),
                stdout=subprocess.PIPE)
            client.stdout.readline()  # an answer has come
            client.kill()
            client.communicate()
        answers, _ = self.world.ask_all("get", "n")
        self.assertEqual(EVERYBODY, set(answers))

    def test_7_no_number_was_used_twice(self):
        """Over all that went over the wire, killed or not."""
        used = {}
        for source, data in self.world.wire():
            value = server_kit.option(data, OSCORE)
            piv, _ = take_apart(value)
            if piv is None:
                continue
            content = kit.Message(data).payload
            key = source, int.from_bytes(piv, "big")
            self.assertEqual(content, used.setdefault(key, content), key)
        senders = {source for source, _ in used}
        self.assertLessEqual(3, len(senders))  # with those that challenged
        self.assertGreater(len(used), 20)

    def test_8_errors_if_they_are_wanted(self):
        """REQ-V-05: who is known may ask for them."""
        answers, status = self.world.ask_all("get", "nothing")
        self.assertEqual((4, {}), (status, answers))
        answers, status = self.world.ask_all("get", "-O", "No-Response=0",
                                             "nothing")
        self.assertEqual((1, EVERYBODY), (status, set(answers)))
        self.assertEqual({"4.04"}, {a["code"] for a in answers.values()})

    def test_8_group_context_files(self):
        status, _, err = self.world.covey("get", "--to", "0a",
                                          f"coap://{world.GROUP}/n")
        self.assertEqual(2, status)
        self.assertIn("--to is for the address of one member", err)
        status, _, err = self.world.covey("get", "--to", "77",
                                          "coap://10.77.0.1/n")
        self.assertEqual(4, status)
        self.assertIn("E_NO_CONTEXT", err)


if __name__ == "__main__":
    net.enter("openssl")
    unittest.main()
