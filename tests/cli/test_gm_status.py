# SPDX-License-Identifier: BSD-2-Clause
"""The status page of covey-gm: groups, members, rekeyings, refusals."""
import socket
import sys
import unittest

import gm_kit as kit
from server_kit import message, path
from status_kit import page_of

GM, FLEET = sys.argv[1:3]
del sys.argv[1:]

GET = 1
NODES = 6
TEXT = ("status: '127.0.0.1:0'\ngroups: [{name: g, description: one road}]\n"
        "gid_prefix: c0\ntell: {attempts: 2, pause: 50}\n")


class Status(unittest.TestCase):
    def setUp(self):
        self.bench = kit.Bench(FLEET, NODES)
        self.addCleanup(self.bench.close)
        self.gm = kit.Manager(GM, FLEET, self.bench.folder, self.bench.where,
                              TEXT)
        self.addCleanup(lambda: self.assertEqual(0, self.gm.stop()))
        self.page = page_of(self, self.gm)
        self.fleet = kit.Fleet(FLEET, self.gm.port, NODES)
        self.addCleanup(self.fleet.quit)

    def group(self):
        return self.page.status()["groups"][0]

    def test_group_without_members(self):
        group = self.group()
        self.assertEqual(("g", "one road", [], 0, True),
                         (group["name"], group["description"],
                          group["members"], group["count"], group["active"]))
        self.assertRegex(group["gid"], "^c0" + "[0-9a-f]{10}$")
        status = self.page.check_figures()
        self.assertEqual(("covey-gm", "ready", NODES + 1),  # from 0 on
                         (status["program"], status["store"],
                          status["nodes"]))
        self.assertEqual(f"127.0.0.1:{self.gm.port}",
                         status["links"][0]["address"])
        self.assertEqual(b"ok\n", self.page.ask("/healthz").read())

    def test_members_and_rekeyings(self):
        self.fleet.join(1, 3, roles=6)
        self.fleet.join(4, 4, roles=8)  # a monitor has no Sender ID
        group = self.page.until(self.group, lambda g: g["owing"] == 0 and all(
            m["version"] == g["version"] for m in g["members"]))
        self.assertEqual(4, group["count"])
        self.assertEqual(4, len({m["name"] for m in group["members"]}))
        by_roles = sorted((m["roles"], bool(m["id"]))
                          for m in group["members"])
        self.assertEqual([(["monitor"], False)] +
                         [(["requester", "responder"], True)] * 3, by_roles)
        gids = {group["gid"]}
        self.fleet.say("leave", 2, 2)
        self.fleet.lines.wait(r"^ended 2 ")
        rekey = self.page.until(lambda: self.page.status()["rekeys"][0],
                           lambda r: r["causes"] == "leave" and
                           r["state"] == "done")
        self.assertEqual((3, 3), (rekey["members"], rekey["told"]))
        self.assertEqual("g", rekey["group"])
        group = self.group()
        self.assertEqual((3, rekey["version"]),
                         (group["count"], group["version"]))
        self.assertNotIn(group["gid"], gids)
        figures = self.page.figures()
        self.assertEqual(3, figures['covey_gm_members{group="g"}'])
        self.assertEqual(rekey["version"],
                         figures['covey_gm_key_version{group="g"}'])
        self.assertEqual(0, figures['covey_gm_members_untold{group="g"}'])
        self.assertGreater(figures["covey_gm_rekeys_finished_total"], 0)
        self.assertGreater(figures["covey_gm_rekey_seconds_total"], 0)
        self.page.check_figures()

    def test_rekeyings_are_known_after_a_restart(self):
        self.fleet.join(1, 3)
        self.page.until(self.group, lambda g: g["owing"] == 0)
        before = self.page.status()["rekeys"]
        self.assertEqual(0, self.gm.stop())
        self.gm = kit.Manager(GM, FLEET, self.bench.folder, self.bench.where,
                              TEXT)
        self.page = page_of(self, self.gm)
        after = self.page.status()["rekeys"]
        same = ("group", "version", "causes", "members")
        self.assertEqual([[r[k] for k in same] for r in before],
                         [[r[k] for k in same] for r in after])

    def test_rekeying_under_way(self):
        """Somebody who does not hear it is not told."""
        self.fleet.join(1, 3)
        self.page.until(self.group, lambda g: g["owing"] == 0)
        self.fleet.say("deaf", 2, 2, 1)
        self.fleet.say("leave", 3, 3)
        self.fleet.lines.wait(r"^rekeyed 1 ")
        rekey = self.page.until(lambda: self.page.status()["rekeys"][0],
                           lambda r: r["told"] == 1)
        self.assertEqual(("under way", 2), (rekey["state"], rekey["members"]))
        self.assertEqual(1, self.group()["owing"])
        behind = [m for m in self.group()["members"]
                  if m["version"] < self.group()["version"]]
        self.assertEqual(1, len(behind))

    def test_refusals_name_their_section(self):
        self.fleet.join(1, 1)
        self.fleet.ask(2, GET, "ace-group/g/num")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.gm.port))
            s.settimeout(60)
            s.send(message(GET, path("ace-group", "g")))
            s.recv(4096)
            # An OSCORE option with a kid that nobody has.
            s.send(message(2, [(9, b"\x09\x00\x77\x77\x77\x77")],
                           payload=b"x" * 20))
            s.recv(4096)
        member, plain = self.page.events("gm.refused")
        self.assertEqual(("4.03", "RFC 9594 Section 9"),
                         (member["code"], member["section"]))
        self.assertIn("node", member)
        self.assertEqual(("4.01", "it came under no association",
                          "RFC 9594 Section 4.1.2"),
                         (plain["code"], plain["why"], plain["section"]))
        self.assertEqual("n1", self.page.events("gm.challenge")[0]["node"])
        nobody = self.page.events("message.refused")[0]
        self.assertEqual(("no-context", "RFC 8613 Section 8.2"),
                         (nobody["why"], nobody["section"]))
        figures = self.page.figures()
        self.assertEqual(2, figures["covey_gm_requests_refused_total"])
        self.assertEqual(1, figures[
            'covey_messages_refused_total{reason="no-context"}'])


if __name__ == "__main__":
    unittest.main()
