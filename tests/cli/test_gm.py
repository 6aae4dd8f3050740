# SPDX-License-Identifier: BSD-2-Clause
"""covey-gm over UDP: joins, rekeying, evictions, late nodes, restarts."""
import contextlib
import signal
import socket
import sqlite3
import sys
import unittest

import gm_kit as kit
from server_kit import code_of, message, path

GM, FLEET = sys.argv[1:3]
del sys.argv[1:]

GET, POST, DELETE, FETCH = 1, 2, 4, 5
GROUP = "groups: [{name: g}]\ncommit_window: 5\n"


class Case(unittest.TestCase):
    nodes = 12
    text = GROUP

    def setUp(self):
        self.bench = kit.Bench(FLEET, self.nodes)
        self.gm = self.start()
        self.fleet = kit.Fleet(FLEET, self.gm.port, self.nodes)

    def start(self, port=0, text=None):
        return kit.Manager(GM, FLEET, self.bench.folder, self.bench.where,
                           text or self.text, port)

    def tearDown(self):
        self.fleet.quit()
        self.gm.stop()
        self.bench.close()


class Members(Case):
    def test_joins_rekeys_and_leaves(self):
        self.fleet.join(1, 8)
        self.fleet.say("leave", 3, 3)
        self.fleet.lines.wait(r"^ended 3 ")
        self.gm.lines.wait(r" gm\.rekey .*causes=leave")
        self.gm.lines.wait(r" gm\.finish ")
        version = int(self.fleet.ask(1, GET, "ace-group/g/num")[1], 16)
        self.fleet.lines.rest()
        versions = kit.check_keys(self, self.fleet.keys())
        self.assertEqual(version, max(versions))
        told = {n for v, _, _, n, _ in self.fleet.keys() if v == version}
        self.assertEqual({1, 2, 4, 5, 6, 7, 8}, told)
        self.assertEqual("4.03", self.fleet.ask(3, GET,
                                                "ace-group/g/num")[0])

    def test_long_answer_comes_in_blocks(self):
        self.fleet.join(1, 12)
        self.fleet.say("creds", 1)
        code, body = self.fleet.ask(1, GET, "ace-group/g/creds")
        self.assertEqual("2.05", code)
        self.assertLess(600, len(body) // 2)
        # All other members, with roles and Sender IDs, in a Join Response.
        self.fleet.say("join", 2, 2, "g", 6)
        self.fleet.lines.wait(r"^joined 2 ")

    def test_deaf_node_finds_out_by_itself(self):
        self.fleet.join(1, 3)
        self.fleet.say("deaf", 2, 2, 1)
        self.fleet.say("leave", 3, 3)
        self.fleet.lines.wait(r"^ended 3 ")
        self.fleet.lines.wait(r"^rekeyed 1 ")
        num = self.fleet.ask(2, GET, "ace-group/g/num")[1]
        code, keys = self.fleet.ask(2, GET, "ace-group/g")
        self.assertEqual("2.05", code)
        self.assertIn("09" + num, keys)

    def test_others_are_not_let_in(self):
        self.fleet.join(1, 2)
        for code, want in ((GET, "4.03"), (DELETE, "4.05")):
            self.assertEqual(want, self.fleet.ask(5, code,
                                                  "ace-group/g/num")[0])
        self.assertEqual("4.04", self.fleet.ask(1, GET, "nowhere")[0])
        # Not even a group of another name; and no administrator is a member.
        self.assertEqual("4.04", self.fleet.ask(1, POST,
                                                "ace-group/other")[0])
        self.assertEqual("4.03", self.fleet.ask(1, GET, "manage")[0])
        self.assertEqual("2.05", self.fleet.ask(0, GET, "manage")[0])

    def test_nothing_without_an_association(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.gm.port))
            s.settimeout(60)
            for segments in (["ace-group", "g"], ["manage"], ["x"]):
                s.send(message(GET, path(*segments)))
                self.assertEqual(("ACK", "4.01"), code_of(s.recv(4096)))
        self.gm.lines.wait(r" gm\.refused .*code=4\.01")

    def test_forged_requests_take_no_lease(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.gm.port))
            s.settimeout(60)
            for kid in (b"\0\1", b"\0\2"):
                # One byte of Partial IV, a kid, and no ciphertext of ours.
                s.send(message(POST, [(9, b"\x09\x07" + kid)],
                               payload=bytes(30)))
                self.assertEqual("4.01", code_of(s.recv(4096))[1])
        with contextlib.closing(sqlite3.connect(self.bench.where)) as db:
            self.assertEqual([(0,)], db.execute(
                "SELECT count(*) FROM lease").fetchall())
        self.fleet.join(1, 1)

    def test_secrets_are_not_told(self):
        self.fleet.join(1, 3)
        secret = kit.identity(FLEET).split("private_key: '")[1][:64]
        said = "\n".join(self.gm.lines.rest(0.2))
        self.assertIn("gm.join", said)
        self.assertNotIn(secret, said)
        self.assertNotIn("636f76657920666c656574", said)


class Restarts(Case):
    def test_rekeying_goes_on_after_kill(self):
        self.fleet.join(1, 6)
        self.fleet.say("deaf", 1, 6, 1)
        self.fleet.say("leave", 6, 6)
        self.gm.lines.wait(r" gm\.rekey .*causes=leave")
        self.gm.stop(signal.SIGKILL)
        self.fleet.lines.rest()
        before = kit.check_keys(self, self.fleet.keys())
        self.fleet.say("deaf", 1, 5, 0)
        self.gm = self.start(self.gm.port)
        self.gm.lines.wait(r" gm\.finish ")
        self.fleet.join(7, 7)
        self.fleet.lines.rest()
        after = kit.check_keys(self, self.fleet.keys())
        self.assertLess(max(before), max(after))
        for node in range(1, 6):
            self.assertLess(max(before), max(
                v for v, _, _, n, _ in self.fleet.keys() if n == node))

    def events(self):
        with contextlib.closing(sqlite3.connect(self.bench.where)) as db:
            return db.execute("SELECT count(*), max(seq) FROM event"
                              ).fetchone()

    def test_old_events_go(self):
        self.fleet.join(1, 8)
        before = self.events()
        self.assertLess(6, before[0])
        self.gm.stop()
        self.gm = self.start(self.gm.port, GROUP + "events: 2\n")
        self.fleet.join(9, 9)
        after = self.events()
        self.assertLess(after[0], 6)
        self.assertLess(before[1], after[1])

    def test_orderly_stop_and_start_asks_for_no_echo(self):
        self.fleet.join(1, 3)
        self.assertEqual(0, self.gm.stop())
        self.gm = self.start(self.gm.port)
        self.assertEqual("2.05", self.fleet.ask(1, GET,
                                                "ace-group/g/num")[0])
        self.fleet.join(4, 5)
        self.fleet.lines.rest()
        kit.check_keys(self, self.fleet.keys())

    def replay_leave(self, how):
        """Who left and came again is still in after its request to leave has
        come to the next manager: it is asked for Echo."""
        self.fleet.join(1, 2)
        self.fleet.say("leave", 2, 2)
        self.fleet.lines.wait(r"^ended 2 ")
        self.fleet.say("last", 2)
        replay = bytes.fromhex(
            self.fleet.lines.wait(r"^last 2 (\S+)$")[0].group(1))
        self.fleet.join(2, 2)
        self.gm.stop(how)
        self.gm = self.start(self.gm.port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.gm.port))
            s.settimeout(60)
            s.send(replay)
            self.assertEqual("ACK", code_of(s.recv(4096))[0])
        self.assertEqual("2.05", self.fleet.ask(2, GET,
                                                "ace-group/g/num")[0])
        self.assertNotIn("gm.leave", "\n".join(self.gm.lines.rest(0.2)))

    def test_request_is_not_taken_again_after_a_stop(self):
        self.replay_leave(signal.SIGTERM)

    def test_request_is_not_taken_again_after_kill(self):
        self.replay_leave(signal.SIGKILL)


class Refusals(unittest.TestCase):
    def test_key_of_another_credential(self):
        bench = kit.Bench(FLEET, 1)
        good, other = kit.identity(FLEET), kit.identity(FLEET, 5)
        mixed = (good.split("private_key")[0] + "private_key" +
                 other.split("private_key")[1])
        gm = kit.Manager(GM, FLEET, bench.folder, bench.where,
                         GROUP.replace("groups", f"tell: {{}}\ngroups"),
                         ready=False)
        gm.stop()
        with open(bench.folder + "/gm.yaml", encoding="utf-8") as file:
            text = file.read().replace(good, mixed)
        with open(bench.folder + "/gm.yaml", "w", encoding="utf-8") as file:
            file.write(text)
        bad = kit.Process(GM, "--config", bench.folder + "/gm.yaml")
        bad.lines.wait(r" gm\.identity .*not that of the credential")
        self.assertEqual(4, bad.process.wait(kit.WAIT))
        bad.stop()
        bench.close()

    def test_group_without_keys_for_it(self):
        bench = kit.Bench(FLEET, 1)
        gm = kit.Manager(GM, FLEET, bench.folder, bench.where,
                         "groups: [{name: g, curve: P-256}]\n", ready=False)
        gm.lines.wait(r" gm\.create what=g ")
        self.assertEqual(4, gm.process.wait(kit.WAIT))
        gm.stop()
        bench.close()


if __name__ == "__main__":
    unittest.main()
