# SPDX-License-Identifier: BSD-2-Clause
"""A covey-gm, three covey-servers that join by configuration - told by POST,
by Observe, and by asking - and covey as a fourth member."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import gm_kit as kit

GM, FLEET, SERVER, COVEY = map(os.path.abspath, sys.argv[1:5])
del sys.argv[1:]

NODE = """type: member
manager: coap://127.0.0.1:{port}
group: {group}
node: n{i}
roles: {roles}
association: node{i}.yaml
{more}"""
SERVED = """listen: ['127.0.0.1:0']
contexts: [{{file: member{i}.yaml}}]
store: server{i}.db
resources:
- {{path: /t, type: static, value: n{i}}}
- {{path: /v, type: value, value: 'old'}}
"""
UPDATES = ["update: post", "update: observe\ncheck_interval: 60",
           "update: poll\ncheck_interval: 1"]


class Bed:
    """Files of so many nodes in a folder, and the manager that knows them."""

    def __init__(self, nodes, updates=()):
        self.own = tempfile.TemporaryDirectory(prefix="covey-member-")
        self.folder = self.own.name
        self.running = []
        rows = []
        for i in range(1, nodes + 1):
            secret = f"{i:032x}"
            self.write(f"gm{i}.yaml", "type: oscore\nsender_id: '00'\n"
                       f"recipient_id: {i:02x}\nmaster_secret: {secret}\n")
            self.write(f"node{i}.yaml", f"type: oscore\nsender_id: {i:02x}\n"
                       f"recipient_id: '00'\nmaster_secret: {secret}\n")
            rows.append(f"- {{name: n{i}, context: gm{i}.yaml, may: [{{group: "
                        "g, roles: [requester, responder]}]}\n")
        self.write("gm-op.yaml", "type: oscore\nsender_id: '00'\n"
                   "recipient_id: ff\nmaster_secret: 0f\n")
        self.write("op.yaml", "type: oscore\nsender_id: ff\n"
                   "recipient_id: '00'\nmaster_secret: 0f\n")
        rows.append("- {name: op, context: gm-op.yaml, administers: "
                    "[{permissions: [create, read, write, delete]}]}\n")
        self.write("enrol.yaml", "nodes:\n" + "".join(rows))
        self.gm = self.manager()
        for i in range(1, nodes + 1):
            self.member(i, updates[i - 1] if i <= len(updates) else "")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600),
                  "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def member(self, i, more="", group="g", roles="[requester, responder]"):
        """The keys are those of the fleet's node."""
        keys = kit.identity(FLEET, i).strip("{}").replace(", ", "\n")
        self.write(f"member{i}.yaml",
                   NODE.format(port=self.gm.port, i=i, group=group,
                               roles=roles, more=keys + "\n" + more + "\n"))

    def manager(self, port=0):
        gm = kit.Manager(GM, FLEET, self.folder,
                         os.path.join(self.folder, "gm.db"),
                         "groups: [{name: g}]\nenrolment: enrol.yaml\n"
                         "commit_window: 5\n", port)
        self.running.append(gm)
        return gm

    def server(self, i, more=""):
        path = self.write(f"server{i}.yaml", SERVED.format(i=i) + more)
        server = kit.Process(SERVER, "--config", path, "--log-level", "info")
        self.running.append(server)
        found = server.lines.wait(r" server\.listen what=\S+:(\d+)$")
        server.port = int(found[0].group(1))
        return server

    def covey(self, *args):
        done = subprocess.run([COVEY, *args], capture_output=True, text=True,
                              cwd=self.folder, timeout=kit.WAIT, check=False)
        return done.returncode, done.stdout, done.stderr

    def group(self, verb, i, *more):
        """(exit status, what it says, what it complains about)."""
        status, out, err = self.covey("group", verb, "--json", "--state",
                                      f"state{i}", *more, f"member{i}.yaml")
        return status, json.loads(out) if out else None, err

    def get(self, i, server, to, *more):
        return self.covey("get", "--context", f"member{i}.yaml", "--state",
                          f"state{i}", "--to", to, *more,
                          f"coap://127.0.0.1:{server.port}/t")

    def behind(self):
        """Who has not got the present keys, as the manager says."""
        status, out, err = self.covey(
            "group", "members", "--json", "--manager",
            f"coap://127.0.0.1:{self.gm.port}", "--context", "op.yaml",
            "--state", "op", "g")
        if status != 0:
            raise AssertionError(err)
        return [m["name"] for m in json.loads(out)["members"]
                if not m["current"]]

    def close(self):
        for process in reversed(self.running):
            process.stop(signal.SIGKILL)
        self.own.cleanup()


def joined(server):
    """(version, Sender ID)."""
    found = server.lines.wait(r" group\.joined .*version=(\d+) gid=\S+ "
                              r"sender_id=(\S+)$")[0]
    return int(found.group(1)), found.group(2)


def rekeyed(server, version):
    server.lines.wait(rf" group\.rekeyed .*version={version} ")


class Case(unittest.TestCase):
    nodes = 4
    updates = UPDATES

    def setUp(self):
        self.bed = Bed(self.nodes, self.updates)
        self.addCleanup(self.bed.close)

    def start(self, count):
        """Servers with their Sender IDs, one after the other: two that join
        in the same moment share a rekeying."""
        servers, ids = [], []
        for i in range(1, count + 1):
            servers.append(self.bed.server(i))
            ids.append(joined(servers[-1])[1])
        return servers, ids


class Group(Case):
    def test_servers_join_and_follow(self):
        servers, ids = self.start(3)
        self.assertEqual(3, len(set(ids)))
        status, said, err = self.bed.group("join", 4)
        self.assertEqual((0, "member", 4, "yes"),
                         (status, said["state"], said["version"],
                          said["current"]), err)
        self.assertEqual(3, said["members_known"])
        for server in servers:
            rekeyed(server, 4)
        for i, server in enumerate(servers):
            status, out, err = self.bed.get(4, server, ids[i])
            self.assertEqual((0, f"n{i + 1}"), (status, out), err)
        # The manager knows, whichever way each of them got them.
        until = kit.time.monotonic() + kit.WAIT
        while self.bed.behind():
            self.assertLess(kit.time.monotonic(), until, self.bed.behind())
        # The same member, with the same keys and further numbers.
        status, again, err = self.bed.group("status", 4)
        self.assertEqual((0, said["gid"], said["sender_id"]),
                         (status, again["gid"], again["sender_id"]), err)
        self.assertLess(said["sequence_number"], again["sequence_number"])
        # Gone, and the others have keys that it has not.
        status, said, err = self.bed.group("leave", 4)
        self.assertEqual((0, "out"), (status, said["state"]), err)
        for server in servers:
            rekeyed(server, 5)
        status, said, _ = self.bed.group("status", 4)
        self.assertEqual((1, "out"), (status, said["state"]))
        self.assertEqual(1, self.bed.group("leave", 4)[0])

    def test_who_was_away_catches_up(self):
        servers, ids = self.start(2)
        self.assertEqual(0, self.bed.group("join", 4)[0])
        self.assertEqual(0, self.bed.group("join", 3)[0])
        self.assertEqual(0, self.bed.group("leave", 3)[0])
        status, said, err = self.bed.group("status", 4)
        self.assertEqual((0, 5, 2), (status, said["version"],
                                     said["members_known"]), err)
        status, out, err = self.bed.get(4, servers[1], ids[1])
        self.assertEqual((0, "n2"), (status, out), err)


    def test_the_evicted_one_is_out(self):
        servers, ids = self.start(2)
        self.assertEqual(0, self.bed.group("join", 4)[0])
        for server in servers:
            rekeyed(server, 3)
        done = self.bed.covey(
            "group", "evict", "--manager",
            f"coap://127.0.0.1:{self.bed.gm.port}", "--context", "op.yaml",
            "--state", "op", "g", "n1")
        self.assertEqual(0, done[0], done)
        servers[0].lines.wait(r" error group\.out ")
        rekeyed(servers[1], 4)
        # It does not even know that it is asked.
        self.assertEqual(4, self.bed.get(4, servers[0], ids[0], "--timeout",
                                         "1")[0])
        status, out, err = self.bed.get(4, servers[1], ids[1])
        self.assertEqual((0, "n2"), (status, out), err)
        status, said, _ = self.bed.group("status", 4)
        self.assertEqual((0, 4, 1), (status, said["version"],
                                     said["members_known"]))


class Survival(Case):
    def test_a_server_comes_back_without_the_manager(self):
        servers, ids = self.start(1)
        status, said, err = self.bed.group("join", 4)
        self.assertEqual(0, status, err)
        rekeyed(servers[0], 2)
        self.assertEqual("n1", self.bed.get(4, servers[0], ids[0])[1])
        servers[0].stop(signal.SIGKILL)
        self.assertEqual(0, self.bed.gm.stop())
        server = self.bed.server(1)
        found = server.lines.wait(r" group\.resumed .*version=(\d+) gid=(\S+) "
                                  r"sender_id=(\S+)$")[0]
        self.assertEqual((str(said["version"]), said["gid"], ids[0]),
                         found.groups())
        # It challenges once (Echo), and covey says that nobody vouches for
        # these keys being the newest.
        status, out, err = self.bed.get(4, server, ids[0], "--timeout", "1")
        self.assertEqual((0, "n1"), (status, out), err)
        self.assertIn("the Group Manager does not answer", err)
        # The manager is back: both go on with what they have.
        self.bed.manager(self.bed.gm.port)
        server.lines.wait(r" group\.current ")
        self.assertEqual("n1", self.bed.get(4, server, ids[0])[1])
        self.assertEqual(0, server.stop())

    def test_in_order_nothing_is_lost(self):
        servers, ids = self.start(1)
        self.assertEqual(0, servers[0].stop())
        server = self.bed.server(1)
        server.lines.wait(r" group\.resumed .*sender_id=" + ids[0] + "$")
        server.lines.wait(r" group\.current ")
        self.assertEqual(0, self.bed.group("join", 4)[0])
        self.assertEqual("n1", self.bed.get(4, server, ids[0])[1])


class Places(Case):
    updates = ["update: post"] * 3

    def evict(self, node):
        return self.bed.covey(
            "group", "evict", "--manager",
            f"coap://127.0.0.1:{self.bed.gm.port}", "--context", "op.yaml",
            "--state", "op", "g", node)[0]

    def test_a_manager_that_was_killed_knows_where_they_are(self):
        """Nobody asks it before the check interval of an hour; its members
        named paths, no addresses."""
        servers, ids = self.start(2)
        self.assertEqual(0, self.bed.group("join", 4)[0])
        rekeyed(servers[0], 3)
        rekeyed(servers[1], 3)
        # One has another port since.
        servers[1].stop(signal.SIGKILL)
        servers[1] = self.bed.server(2)
        servers[1].lines.wait(r" group\.current ")
        self.bed.gm.stop(signal.SIGKILL)
        self.bed.gm = self.bed.manager(self.bed.gm.port)
        self.assertEqual(0, self.evict("n4"))
        self.bed.gm.lines.wait(r" gm\.finish .*version=4 count=2")
        for server in servers:
            rekeyed(server, 4)
        # Without a manager that it would ask, it goes on with what it has.
        self.bed.gm.stop(signal.SIGKILL)
        for i in (0, 1):
            got = self.bed.get(4, servers[i], ids[i], "--timeout", "1")
            self.assertNotEqual((0, f"n{i + 1}"), got[:2], got)
            self.assertNotIn(f"n{i + 1}", got[1])


class Workers(Case):
    def test_one_of_them_has_the_group(self):
        server = self.bed.server(1, "workers: 3\n")
        sender = joined(server)[1]
        self.assertEqual(0, self.bed.group("join", 4)[0])
        rekeyed(server, 2)
        for _ in range(4):
            status, out, err = self.bed.get(4, server, sender)
            self.assertEqual((0, "n1"), (status, out), err)


class Refusals(Case):
    updates = ()

    def test_a_role_that_is_not_allowed(self):
        for i in (1, 2):
            self.bed.write(f"member{i}.yaml", NODE.format(
                port=self.bed.gm.port, i=i, group="g", roles="monitor",
                more=""))
        server = self.bed.server(1)
        server.lines.wait(r" error group\.refused .*code=403")
        status, said, err = self.bed.group("join", 2)
        self.assertEqual((3, None), (status, said))
        self.assertIn("refuses: 4.03 (", err)

    def test_a_key_that_is_not_that_of_the_credential(self):
        own, other = (kit.identity(FLEET, i).split("'")[3] for i in (1, 2))
        text = NODE.format(port=self.bed.gm.port, i=1, group="g",
                           roles="responder", more=kit.identity(
                               FLEET, 1).strip("{}").replace(", ", "\n"))
        self.bed.write("member1.yaml", text.replace(own, other))
        status, said, err = self.bed.group("join", 1)
        self.assertEqual((3, None), (status, said))
        self.assertIn("4.00 (no valid proof of possession)", err)

    def test_a_group_that_is_not_there(self):
        self.bed.member(1, group="h")
        status, _, err = self.bed.group("join", 1)
        self.assertEqual(3, status, err)

    def test_another_association_is_no_answer(self):
        self.bed.write("node1.yaml", "type: oscore\nsender_id: '01'\n"
                       "recipient_id: '00'\nmaster_secret: ff\n")
        status, _, err = self.bed.group("join", 1, "--timeout", "1.5")
        self.assertEqual(4, status)
        self.assertIn("not protected", err)

    def test_the_state_is_one_members_own(self):
        self.assertEqual(0, self.bed.group("join", 1)[0])
        os.rename(os.path.join(self.bed.folder, "state1"),
                  os.path.join(self.bed.folder, "state2"))
        status, _, err = self.bed.group("status", 2)
        self.assertEqual(4, status)
        self.assertIn("found that of another one", err)

    def test_command_lines(self):
        for status, args in (
                (2, ("group", "join", "member1.yaml")),
                (2, ("group", "join", "--state", "s", "node1.yaml")),
                (2, ("group", "derive", "member1.yaml")),
                (2, ("get", "--context", "member1.yaml", "coap://127.0.0.1")),
                (2, ("get", "--context", "member1.yaml", "--state", "s",
                     "--number", "1", "coap://127.0.0.1")),
                (1, ("group", "leave", "--state", "s", "member1.yaml")),
                (2, ("group", "join", "--state", "s", "--timeout", "x",
                     "member1.yaml"))):
            got = self.bed.covey(*args)
            self.assertEqual(status, got[0], (args, got))


if __name__ == "__main__":
    unittest.main()
