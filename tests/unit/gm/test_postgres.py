# SPDX-License-Identifier: BSD-2-Clause
"""Several managers over one PostgreSQL: one rekeying at a time, none lost, none
twice; associations go over with their numbers; a server that stops."""
import collections
import re
import signal
import socket
import sys
import tempfile
import unittest

from databases import kit, schema, with_postgres
from status_kit import page_of

GM, FLEET = sys.argv[1:3]
del sys.argv[1:]

TEXT = ("status: '127.0.0.1:0'\ngroups: [{name: g}]\ncommit_window: 3\n"
        "tell: {attempts: 30, pause: 50}\n")
GET, DELETE, NODES = 1, 4, 12


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="covey-gm-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.where = schema(SERVER)
        kit.enrol(FLEET, self.where, NODES)
        self.managers = {}
        self.a = self.start("a")
        self.fleet = kit.Fleet(FLEET, self.a.port, NODES)
        self.addCleanup(self.stop_all)

    def stop_all(self):
        self.fleet.quit()
        for m in self.managers.values():
            m.stop()

    def start(self, name, port=0):
        m = kit.Manager(GM, FLEET, self.folder, self.where, TEXT, port,
                        name=name)
        self.managers[name] = m
        return m

    def use(self, manager):
        self.fleet.say("port", manager.port)

    def join(self, first, last, tries=40):
        """Until all are in: 5.03 is for those whom another was faster than,
        4.00 for those whose challenge was another manager's."""
        self.fleet.say("join", first, last, "g", 6)
        missing = set(range(first, last + 1))
        until = kit.time.monotonic() + kit.WAIT
        while missing:
            line = self.fleet.lines.next(until)
            self.assertIsNotNone(line, (missing, self.fleet.lines.all[-9:],
                                        self.a.lines.rest()[-9:]))
            found = re.match(r"(joined|refused) (\d+) \d+ (\S+)", line)
            if not found or int(found.group(2)) not in missing:
                continue
            if found.group(1) == "joined":
                missing.discard(int(found.group(2)))
                continue
            self.assertIn(found.group(3), ("5.03", "4.00"))
            tries -= 1
            self.assertLess(0, tries)
            self.fleet.say("join", found.group(2), found.group(2), "g", 6)

    def version(self, node):
        code, num = self.fleet.ask(node, GET, "ace-group/g/num")
        self.assertEqual("2.05", code)
        return int(num[2:] or num, 16)

    def wait_keys(self, nodes, version):
        until = kit.time.monotonic() + kit.WAIT
        have = set()
        while not nodes <= have:
            self.assertLess(kit.time.monotonic(), until,
                            f"{version}: {nodes - have}")
            self.fleet.lines.rest(0.05)
            have = {n for v, _, _, n, _ in self.fleet.keys() if v >= version}


class Two(Case):
    def setUp(self):
        super().setUp()
        self.b = self.start("b")

    def test_both_decide_and_nothing_is_done_twice(self):
        self.join(1, 4)
        self.use(self.b)
        self.join(5, 8)
        # Both at once: odd ones ask one, even ones the other.
        for node in range(9, 13):
            self.use(self.a if node % 2 else self.b)
            self.fleet.say("join", node, node, "g", 6)
        for node in range(9, 13):
            self.use(self.a if node % 2 else self.b)
            self.join(node, node)
        self.fleet.say("leave", 2, 2)
        self.fleet.lines.wait(r"^ended 2 ")
        last = self.version(9)
        self.wait_keys(set(range(1, 13)) - {2}, last)
        versions = kit.check_keys(self, self.fleet.keys())
        self.assertEqual(last, max(versions))
        told = collections.Counter()
        for m in (self.a, self.b):
            for line in m.lines.rest(0.1):
                found = re.search(r" gm\.rekey .*version=(\d+) ", line)
                if found:
                    told[int(found.group(1))] += 1
        self.assertEqual({v: 1 for v in range(1, last + 1)}, dict(told))

    def test_page_shows_rekeyings_of_both(self):
        self.join(1, 3)
        self.fleet.say("leave", 3, 3)
        self.fleet.lines.wait(r"^ended 3 ")
        last = self.version(1)
        pages = [page_of(self, m) for m in (self.a, self.b, self.start("c"))]
        for page in pages:  # the one that made them, one beside, one new
            rekeys = page.until(
                lambda p=page: p.status()["rekeys"],
                lambda r: r and (r[0]["state"], r[0]["told"]) == ("done", 2))
            self.assertEqual(("g", last, "leave", 2, 2), tuple(
                rekeys[0][k] for k in ("group", "version", "causes",
                                       "members", "told")))
            self.assertEqual(list(range(last, 0, -1)),
                             [r["version"] for r in rekeys])

    def test_request_is_not_taken_by_the_other_one(self):
        self.join(1, 2)
        self.fleet.say("leave", 2, 2)
        self.fleet.lines.wait(r"^ended 2 ")
        self.fleet.say("last", 2)
        replay = bytes.fromhex(
            self.fleet.lines.wait(r"^last 2 (\S+)$")[0].group(1))
        self.join(2, 2)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.b.port))
            s.settimeout(60)
            s.send(replay)
            s.recv(4096)  # Echo is asked for
        self.assertLess(1, self.version(2))
        said = self.a.lines.rest(0.1) + self.b.lines.rest(0.1)
        self.assertEqual(1, sum(" gm.leave " in line for line in said))

    def test_rekeying_of_one_that_died_is_completed_by_the_other(self):
        self.join(1, 6)
        self.fleet.say("deaf", 1, 5, 1)
        self.fleet.say("leave", 6, 6)
        self.a.lines.wait(r" gm\.rekey .*causes=leave")
        self.a.stop(signal.SIGKILL)
        self.fleet.say("deaf", 1, 5, 0)
        self.use(self.b)
        last = self.version(1)
        self.wait_keys(set(range(2, 6)), last)
        kit.check_keys(self, self.fleet.keys())

    def test_one_knows_where_those_are_whom_the_other_heard(self):
        self.fleet.say("paths", 1)
        self.join(1, 5)
        self.a.stop(signal.SIGKILL)
        self.use(self.b)
        until = kit.time.monotonic() + kit.WAIT
        code = "4.04"  # until it has followed what the other has stored
        while code == "4.04":
            self.assertLess(kit.time.monotonic(), until)
            code = self.fleet.ask(0, DELETE, "manage/g/members/n5")[0]
        self.assertEqual("2.02", code)
        # Nobody else has asked it for anything.
        last = self.b.lines.wait(r" gm\.rekey .*version=(\d+) .*eviction")
        self.wait_keys({1, 2, 3, 4}, int(last[0].group(1)))
        kit.check_keys(self, self.fleet.keys())


class Stops(Case):
    def stop_and_start(self, how):
        self.join(1, 3)
        SERVER.stop(how)
        self.fleet.say("join", 4, 4, "g", 6)
        # Whatever it wanted of the store when it was gone.
        self.a.lines.wait(r" error \S*store\S* ")
        SERVER.start()
        self.join(4, 4)
        last = self.version(1)
        self.wait_keys({1, 2, 3, 4}, last)
        kit.check_keys(self, self.fleet.keys())

    def test_in_good_order(self):
        self.stop_and_start(signal.SIGINT)

    def test_at_once(self):
        self.stop_and_start(signal.SIGQUIT)


if __name__ == "__main__":
    with with_postgres.postgres() as SERVER:
        unittest.main()
