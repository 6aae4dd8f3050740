# SPDX-License-Identifier: BSD-2-Clause
"""covey group create, configure, delete, list, show, members, evict, rekey: an
administrator at a covey-gm."""
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import unittest

import gm_kit as kit
from server_kit import write

COVEY, GM, FLEET = sys.argv[1:4]
del sys.argv[1:]

# Node 0 of the fleet, as it is seen from there; another one of its nodes.
CONTEXT = ("type: oscore\nmaster_secret: " + b"covey fleet ".hex() +
           "%08x\nsender_id: %04x\nrecipient_id: 4d\n")


MEMBER = """type: member
manager: coap://127.0.0.1:{port}
group: g
node: n120
roles: [requester, responder]
association: n120.yaml
{keys}
"""


class Admin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = kit.Bench(FLEET, 130)
        cls.gm = kit.Manager(GM, FLEET, cls.bench.folder, cls.bench.where,
                             "groups: [{name: g}]\n")
        cls.fleet = kit.Fleet(FLEET, cls.gm.port, 130)
        for name, number in (("op", 0), ("n1", 130)):
            write(cls.bench.folder, name + ".yaml", CONTEXT % (number, number))

    @classmethod
    def tearDownClass(cls):
        cls.fleet.quit()
        cls.gm.stop()
        cls.bench.close()

    def group(self, verb, *words, who="op"):
        base = os.path.join(self.bench.folder, who)
        got = subprocess.run(
            [COVEY, "group", verb, "--manager",
             f"coap://127.0.0.1:{self.gm.port}", "--context", base + ".yaml",
             "--state", base + ".state", "--timeout", "20", *words],
            capture_output=True, text=True, check=False, timeout=60)
        return got.returncode, got.stdout, got.stderr

    def test_life_of_a_group(self):
        self.assertEqual(0, self.group(
            "create", "lights", "--description", "all lamps",
            "--check-interval", "600")[0])
        code, said, _ = self.group("list")
        self.assertEqual((0, True), (code, "lights\n" in said))
        code, said, _ = self.group("show", "lights")
        self.assertEqual(0, code)
        self.assertRegex(said, r"(?m)^group_description +all lamps$")
        self.assertRegex(said, r"(?m)^active +true$")
        self.assertRegex(said, r"(?m)^hkdf +5$")
        said = json.loads(self.group("show", "--json", "lights")[1])
        self.assertEqual(("all lamps", True, 5), tuple(
            said[key] for key in ("group_description", "active", "hkdf")))
        self.assertIn("lights", json.loads(
            self.group("list", "--json")[1])["groups"])
        self.assertEqual(0, self.group("configure", "lights", "--active",
                                       "no", "--stale-sets", "7")[0])
        said = self.group("show", "lights")[1]
        self.assertRegex(said, r"(?m)^active +false$")
        self.assertRegex(said, r"(?m)^max_stale_sets +7$")
        self.assertRegex(said, r"(?m)^group_description +all lamps$")
        self.assertEqual(0, self.group("delete", "lights")[0])
        self.assertNotIn("lights", self.group("list")[1])
        with contextlib.closing(sqlite3.connect(self.bench.where)) as store:
            for deed in ("create", "delete"):
                details = store.execute(
                    "SELECT detail FROM event WHERE what = ?", (deed,))
                self.assertRegex(str(list(details)), "group=lights")

    def test_members_evict_and_rekey(self):
        self.fleet.join(1, 3)
        code, said, _ = self.group("members", "g")
        self.assertEqual(0, code)
        self.assertRegex(said, r"^version \d+, \d+ members\n")
        self.assertRegex(said, r"(?m)^n2 requester,responder id [0-9a-f]{4}$")
        told = json.loads(self.group("members", "--json", "g")[1])
        row = next(m for m in told["members"] if m["name"] == "n2")
        self.assertEqual((["requester", "responder"], told["version"], True),
                         (row["roles"], row["version"], row["current"]))
        self.assertIn(f"n2 requester,responder id {row['sender_id']}\n", said)
        before = len(self.fleet.lines.all)
        self.assertEqual(0, self.group("evict", "g", "n2")[0])
        self.fleet.lines.wait(r"^ended 2 ")
        self.gm.lines.wait(r" gm\.rekey .*causes=eviction")
        self.assertNotRegex(self.group("members", "g")[1], r"(?m)^n2 ")
        self.assertEqual("4.03", self.fleet.ask(2, 1, "ace-group/g/num")[0])
        self.assertEqual(1, self.group("evict", "g", "n2")[0])
        self.assertEqual(0, self.group("rekey", "g")[0])
        self.gm.lines.wait(r" gm\.rekey .*causes=operator")
        self.fleet.lines.rest(0.2)
        self.assertLess(before, len(self.fleet.lines.all))

    def test_many_members_are_warned_of(self):
        self.assertIn("better split", self.group("create", "big", "--expect",
                                                 "101")[2])
        self.assertNotIn("split", self.group("create", "small", "--expect",
                                             "100")[2])
        self.fleet.join(5, 105 + 10)
        self.assertIn("better split", self.group("members", "g")[2])
        self.assertIn("better split", self.group("members", "--json",
                                                 "g")[2])
        # A member notices, too.
        keys = kit.identity(FLEET, 120).strip("{}").replace(", ", "\n")
        for name, text in (("n120.yaml", CONTEXT % (120, 120)),
                           ("member.yaml", MEMBER.format(
                               port=self.gm.port, keys=keys))):
            path = os.path.join(self.bench.folder, name)
            with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w",
                      encoding="utf-8") as file:
                file.write(text)
        for verb in ("join", "status"):
            got = subprocess.run(
                [COVEY, "group", verb, "--state", path + ".state", path],
                capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(0, got.returncode, got)
            self.assertIn("better split", got.stderr)

    def test_members_observe_their_keys(self):
        self.fleet.join(125, 125)
        base = os.path.join(self.bench.folder, "n125")
        with open(os.open(base + ".yaml", os.O_CREAT | os.O_WRONLY, 0o600),
                  "w", encoding="utf-8") as file:
            file.write(CONTEXT % (125, 125))
        # Beyond all numbers that the fleet itself has used for this node.
        watch = kit.Process(
            COVEY, "observe", "--context", base + ".yaml", "--state",
            base + ".state", "--number", str((1 << 40) - (1 << 20)), "--json",
            "--for", "60", f"coap://127.0.0.1:{self.gm.port}/ace-group/g")
        seen = watch.lines.wait(r'"code": ?"([^"]+)"')
        self.assertEqual("2.05", seen[0].group(1))
        for _ in range(2):
            self.assertEqual(0, self.group("rekey", "g")[0])
            seen = watch.lines.wait(r'"code": ?"([^"]+)"')
            self.assertEqual("2.05", seen[0].group(1))
        # Who is evicted is told so, and no more.
        self.assertEqual(0, self.group("evict", "g", "n125")[0])
        seen = watch.lines.wait(r'"code": ?"([^"]+)"')
        self.assertIn(seen[0].group(1), ("4.03", "4.04"))
        self.assertEqual(0, watch.process.wait(kit.WAIT))
        watch.stop()
        payloads = {line for line in watch.lines.all if '"2.05' in line}
        self.assertEqual(3, len(payloads))

    def test_refusals_say_why(self):
        code, _, said = self.group("create", "g")
        self.assertEqual((1, True), (code, "there already" in said))
        self.assertIn("group is active", self.group("delete", "g")[2])
        self.fleet.join(116, 116)
        where = f"coap://127.0.0.1:{self.gm.port}"
        for words, line in (
                (("evict", "none", "n1"), "there is no such group (group none,"
                 " node n1); 'covey group list' names groups, 'covey group "
                 "members' who is in one"),
                (("evict", "g", "n9999"), "the node is no member of the group "
                 "(group g, node n9999); 'covey group list' names groups, "
                 "'covey group members' who is in one"),
                (("rekey", "none"), "there is no such group (group none); "
                 "'covey group list' names the groups"),
                (("delete", "none"), "there is no such group (group none); "
                 "'covey group list' names the groups"),
                (("show", "--json", "none"), "there is no such group (group "
                 "none); 'covey group list' names the groups"),
                (("members", "none"), "there is no such group (group none); "
                 "'covey group list' names the groups")):
            with self.subTest(words=words):
                code, out, said = self.group(*words)
                self.assertEqual((1, ""), (code, out))
                self.assertEqual(f"covey group {words[0]}: {where} says 4.04 "
                                 f"Not Found: {line}\n", said)
        # A node that does not administer; one that nobody has enrolled.
        for words in (("create", "new"), ("evict", "g", "n116")):
            code, _, said = self.group(*words, who="n1")
            self.assertEqual(1, code)
            self.assertIn("4.03 Forbidden: the scope of the node does not "
                          "allow it", said)
            self.assertIn("'administers'", said)
        write(self.bench.folder, "stranger.yaml", CONTEXT % (9998, 9998))
        code, _, said = self.group("list", who="stranger")
        self.assertEqual((1, True), (code, "is this context enrolled there?"
                                     in said))
        code, _, said = self.group("list", who="n1")
        self.assertEqual((1, True), (code, "4.03" in said))

    def test_a_block_that_others_follow(self):
        """2.31 (Continue) refuses nothing, and has no reasons."""
        base = os.path.join(self.bench.folder, "op")
        got = subprocess.run(
            [COVEY, "post", f"coap://127.0.0.1:{self.gm.port}/manage", "x" * 16,
             "--context", base + ".yaml", "--state", base + ".state", "--json",
             "--timeout", "20", "-O", "Block1=0/1/0"],
            capture_output=True, text=True, check=False, timeout=60)
        said = json.loads(got.stdout)
        self.assertEqual(("2.31", ["Block1"], False), (
            said["code"], [o["name"] for o in said["options"]],
            "payload" in said))

    def test_command_line(self):
        for words in (("create",), ("create", "a", "b"), ("evict", "g"),
                      ("list", "g"), ("create", "a", "--modes", "none"),
                      ("create", "a", "--curve", "P-521"),
                      ("configure", "g", "--modes", "both"),
                      ("configure", "g", "--active", "maybe"),
                      ("create", "a", "--stale-sets", "17"),
                      ("members", "g", "--description", "x"),
                      ("evict", "g", "n1", "--json")):
            with self.subTest(words=words):
                self.assertEqual(2, self.group(*words)[0])
        got = subprocess.run([COVEY, "group", "create", "g"], check=False,
                             capture_output=True, text=True, timeout=60)
        self.assertEqual(2, got.returncode)
        self.assertIn("--manager", got.stderr)
        self.assertEqual(0, self.group("create", "--help")[0])


if __name__ == "__main__":
    unittest.main()
