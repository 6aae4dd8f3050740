# SPDX-License-Identifier: BSD-2-Clause
"""covey ctl: nodes come and go while a manager runs, events can be read, and a
store that is lost comes back from its copy with other numbers."""
import os
import subprocess
import sys
import unittest

import gm_kit as kit

COVEY, GM, FLEET = sys.argv[1:4]
del sys.argv[1:]

GET = 1
TEXT = "groups: [{name: g}]\n"
CONTEXT = ("type: oscore\nmaster_secret: %s\nsender_id: 4d\n"
           "recipient_id: %s\n")


def ctl(*words):
    got = subprocess.run([COVEY, "ctl", *words], capture_output=True,
                         text=True, check=False, timeout=60)
    return got.returncode, got.stdout, got.stderr


class Ctl(unittest.TestCase):
    def setUp(self):
        self.bench = kit.Bench(FLEET, 3)
        self.addCleanup(self.bench.close)
        self.where = self.bench.where
        self.folder = self.bench.folder

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC,
                          0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def manager(self, port=0):
        gm = kit.Manager(GM, FLEET, self.folder, self.where, TEXT, port)
        self.addCleanup(gm.stop)
        return gm

    def fleet(self, port, count):
        fleet = kit.Fleet(FLEET, port, count)
        self.addCleanup(fleet.quit)
        return fleet

    def test_nodes_come_and_go_while_a_manager_runs(self):
        gm = self.manager()
        fleet = self.fleet(gm.port, 5)
        fleet.join(1, 2)
        # As the fleet has node 5: "covey fleet" and its number.
        self.file("n5.yaml", CONTEXT % (b"covey fleet ".hex() + "00000005",
                                        "0005"))
        nodes = self.file("nodes.yaml",
                          "nodes: [{name: n5, context: n5.yaml, "
                          "may: [{group: g, roles: responder}]}]\n")
        self.assertEqual((0, "1 nodes\n", ""),
                         ctl("enrol", "--store", self.where, nodes))
        fleet.join(5, 5, roles=4)
        self.assertIn("n5 id 0005\n", ctl("nodes", "--store",
                                          self.where)[1])
        self.assertEqual((0, "", ""),
                         ctl("disenrol", "--store", self.where, "n2"))
        self.assertNotIn("n2 ", ctl("nodes", "--store", self.where)[1])
        until = kit.time.monotonic() + kit.WAIT
        while fleet.ask(2, GET, "ace-group/g/num")[0] == "2.05":
            self.assertLess(kit.time.monotonic(), until)
        self.assertEqual("2.05", fleet.ask(1, GET, "ace-group/g/num")[0])

    def test_what_is_wrong_with_a_command_is_said(self):
        for words, why in ((["nodes"], "nodes: --store STORE is missing"),
                           (["enrol", "--store", "x"],
                            "enrol: an operand is missing"),
                           (["nodes", "--store", "x", "y"],
                            "nodes: there are too many operands"),
                           (["nonsense"], "unknown verb 'nonsense'")):
            status, out, err = ctl(*words)
            self.assertEqual((2, ""), (status, out))
            self.assertIn(why, err)
            self.assertEqual(1, err.count("\n"))

    def test_a_node_with_another_association_is_another(self):
        gm = self.manager()
        fleet = self.fleet(gm.port, 5)
        fleet.join(1, 2)
        # n2 gets what the fleet has as node 5.
        self.file("n2.yaml", CONTEXT % (b"covey fleet ".hex() + "00000005",
                                        "0005"))
        nodes = self.file("nodes.yaml", "nodes: [{name: n2, context: n2.yaml,"
                          " may: [{group: g, roles: responder}]}]\n")
        self.assertEqual(0, ctl("enrol", "--store", self.where, nodes)[0])
        until = kit.time.monotonic() + kit.WAIT
        while fleet.ask(2, GET, "ace-group/g/num")[0] == "2.05":
            self.assertLess(kit.time.monotonic(), until)
        # It is the member n2 that asks now.
        self.assertEqual("2.05", fleet.ask(5, GET, "ace-group/g/num")[0])
        self.assertEqual("2.05", fleet.ask(1, GET, "ace-group/g/num")[0])
        self.assertEqual(0, gm.stop())

    def test_events_are_in_order(self):
        gm = self.manager()
        fleet = self.fleet(gm.port, 2)
        fleet.join(1, 2)
        fleet.say("leave", 1, 1)
        fleet.lines.wait(r"^ended 1 ")
        code, said, _ = ctl("events", "--store", self.where)
        self.assertEqual(0, code)
        lines = [line.split() for line in said.splitlines()]
        self.assertEqual("create", lines[0][2])
        self.assertEqual("group=g", lines[0][-1])
        self.assertEqual(sorted(int(w[0]) for w in lines),
                         [int(w[0]) for w in lines])
        deeds = [w[2] for w in lines]
        self.assertEqual(2, deeds.count("join"))
        self.assertEqual(1, deeds.count("leave"))
        leave = lines[deeds.index("leave")]
        self.assertIn("node=n1", leave)
        rekey = [w for w in lines if w[2] == "rekey"][-1]
        self.assertRegex(" ".join(rekey), r"version=(\d+) count=1 "
                         r"gid=0001[0-9a-f]{6} causes=leave")
        after = ctl("events", "--store", self.where, "--after", leave[0])[1]
        self.assertTrue(after.startswith(lines[deeds.index("leave") + 1][0]))

    def test_a_store_comes_back_with_other_numbers(self):
        gm = self.manager()
        fleet = self.fleet(gm.port, 3)
        fleet.join(1, 2)
        copy = os.path.join(self.folder, "copy.db")
        self.assertEqual((0, "", ""),
                         ctl("backup", "--store", self.where, copy))
        self.assertEqual(3, ctl("backup", "--store", self.where, copy)[0])
        fleet.join(3, 3)
        gm.stop()
        fleet.lines.rest(0.1)
        before = kit.check_keys(self, fleet.keys())
        for name in os.listdir(self.folder):
            if name.startswith("gm.db"):
                os.unlink(os.path.join(self.folder, name))
        code, _, said = ctl("restore", "--store", self.where, copy)
        self.assertEqual(0, code, said)
        self.assertEqual(4, ctl("restore", "--store",
                                self.folder + "/no/gm.db", copy)[0])
        again = ctl("restore", "--store", self.where, copy)
        self.assertEqual((3, "", "covey ctl: restore: not empty\n"), again)
        self.assertIn("evicted", said)
        gm = self.manager(gm.port)
        fleet.join(3, 3)
        fleet.lines.rest(0.1)
        after = kit.check_keys(self, fleet.keys())
        self.assertLess(max(before) + 1000, max(after))

    def test_what_cannot_be_is_refused(self):
        nodes = self.file("nodes.yaml", "nodes: [{name: x}]\n")
        same = self.file("same.yaml",
                         "nodes: [{name: x, context: n1.yaml}]\n")
        self.file("n1.yaml", CONTEXT % ("00" * 16, "0001"))
        cases = (
            ((), 2), (("enrol",), 2), (("dance", "--store", self.where), 2),
            (("enrol", "--store", self.where), 2),
            (("nodes", "--store", self.where, "more"), 2),
            (("events", "--store", self.where, "--after", "x"), 2),
            (("events", "--store", self.where, "--other"), 2),
            (("enrol", "--store", self.where, nodes), 1),
            (("enrol", "--store", self.where, self.folder + "/none"), 4),
            (("enrol", "--store", self.where, same), 3),
            (("disenrol", "--store", self.where, "n9"), 1),
            (("nodes", "--store", self.folder + "/no/gm.db"), 4),
            (("restore", "--store", self.where, self.where), 3),
            (("restore", "--store", self.where, self.folder + "/none"), 4),
            (("restore", "--store", self.where, nodes), 4),
            (("restore", "--store", self.folder + "/new.db", self.where), 3),
            (("nodes", "--store", self.where, "--store-key", "none"), 4),
            (("nodes", "--store", self.folder + "/new.db"), 4),
            (("events", "--store", self.folder + "/new.db"), 4),
            (("disenrol", "--store", self.folder + "/new.db", "n1"), 4),
            (("backup", "--store", self.folder + "/new.db",
              self.folder + "/new.copy"), 4),
        )
        for words, status in cases:
            with self.subTest(words=words):
                self.assertEqual(status, ctl(*words)[0])
        self.assertFalse(os.path.exists(self.folder + "/new.db"))
        self.assertFalse(os.path.exists(self.folder + "/new.copy"))
        self.assertEqual(0, ctl("--help")[0])


if __name__ == "__main__":
    unittest.main()
