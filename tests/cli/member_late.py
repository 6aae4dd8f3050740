# SPDX-License-Identifier: BSD-2-Clause
"""Late joiners whose Group Manager has listened to the group (seed 002 Section
7.2, last method): manager, servers and the member that asks all of them are
each on a host of their own."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import namespace_kit as net

GM, FLEET, SERVER, COVEY = map(os.path.abspath, sys.argv[1:5])
if __name__ == "__main__":
    net.enter()
os.environ["COVEY"], os.environ["COVEY_SERVER"] = COVEY, SERVER

import gm_kit as kit  # noqa: E402
import group_network as world  # noqa: E402

del sys.argv[1:]

MANAGER, FIRST, ASKS, LATE, ECHO = 1, 2, 3, 4, 5
HOSTS = (MANAGER, FIRST, ASKS, LATE, ECHO)
GROUP = "224.0.1.187"
NODE = """type: member
manager: coap://10.77.0.1
group: g
node: n{i}
roles: {roles}
association: node{i}.yaml
{keys}
{more}
"""
SERVED = """listen: [0.0.0.0]
groups: [{{address: 224.0.1.187, interface: v{i}}}]
contexts: [{{file: member{i}.yaml}}]
store: server{i}.db
leisure: 0
resources: [{{path: /n, type: counter, policy: group}}]
"""
MANAGED = """listen: [10.77.0.1]
hear: [{{address: 224.0.1.187, interface: v1}}]
store: gm.db
identities: [{identity}]
enrolment: enrol.yaml
groups: [{{name: g, rekey_on_join: false}}]
"""


class Host(kit.Process):
    """A program on a host of its own."""

    def __init__(self, i, *command):
        super().__init__("ip", "netns", "exec", f"n{i}", *command)


class Late(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        net.build_network(HOSTS)
        folder = tempfile.TemporaryDirectory(prefix="covey-late-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        os.chdir(cls.folder)
        cls.write_files()
        cls.gm = cls.start(MANAGER, GM, "gm.yaml")
        cls.gm.lines.wait(r" daemon\.ready ")
        for i in (LATE, ECHO):
            world.listen(cls, cls.folder / f"wire{i}", i, f"v{i}")

    @classmethod
    def write(cls, name, text):
        path = cls.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)

    @classmethod
    def write_files(cls):
        rows = []
        for i in HOSTS[1:]:
            secret = f"{i:032x}"
            cls.write(f"gm{i}.yaml", "type: oscore\nsender_id: '00'\n"
                      f"recipient_id: {i:02x}\nmaster_secret: {secret}\n")
            cls.write(f"node{i}.yaml", f"type: oscore\nsender_id: {i:02x}\n"
                      f"recipient_id: '00'\nmaster_secret: {secret}\n")
            role = "requester" if i == ASKS else "responder"
            rows.append(f"- {{name: n{i}, context: gm{i}.yaml, may: "
                        f"[{{group: g, roles: {role}}}]}}\n")
            keys = kit.identity(FLEET, i).strip("{}").replace(", ", "\n")
            more = "late_joining: manager" if i == LATE else ""
            cls.write(f"member{i}.yaml", NODE.format(i=i, roles=role,
                                                     keys=keys, more=more))
            cls.write(f"server{i}.yaml", SERVED.format(i=i))
        cls.write("enrol.yaml", "nodes:\n" + "".join(rows))
        cls.write("gm.yaml", MANAGED.format(identity=kit.identity(FLEET)))

    @classmethod
    def start(cls, i, program, config):
        host = Host(i, program, "--config", config, "--log-level", "debug")
        cls.addClassCleanup(host.stop, kit.signal.SIGKILL)
        return host

    def serve(self, i):
        """With its Sender ID."""
        server = self.start(i, SERVER, f"server{i}.yaml")
        server.id = server.lines.wait(
            r" group\.joined .*sender_id=(\S+)$")[0].group(1)
        return server

    def ask(self, verb="post"):
        """POST counts up; what the counter of each server is then, by Sender
        ID, is what GET brings."""
        done = subprocess.run(
            ["ip", "netns", "exec", f"n{ASKS}", COVEY, verb, "--json",
             "--context", f"member{ASKS}.yaml", "--state", "state",
             "--collect", "1", f"coap://{GROUP}/n"], capture_output=True,
            text=True, timeout=kit.WAIT, check=False)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        return {a["sender"]: a.get("payload", {}).get("text")
                for a in answers}

    def from_asker(self, i):
        """What has come over the wire there."""
        path = self.folder / f"wire{i}"
        world.settle(path, ASKS, f"10.77.0.{i}")
        return [data for source, data in world.heard(path)
                if source == f"10.77.0.{ASKS}" and
                not data.startswith(world.MARK)]

    def replay(self, datagram):
        """From another port: nobody takes it for the same message."""
        sender = net.inside(ASKS, sys.executable, "-c", world.SENDER, GROUP,
                            stdin=subprocess.PIPE)
        sender.communicate(datagram.hex().encode() + b"\n", kit.WAIT)

    def test_late_joiner_takes_the_next_one_and_none_before(self):
        first = self.serve(FIRST)
        # The first one brings up who asks, the second one Echo.
        while len(self.from_asker(LATE)) < 3:
            self.ask()
        self.gm.lines.wait(rf" gm\.heard .*node=n{ASKS} number=\d+$", 3)
        old = self.from_asker(LATE)
        # A greater number that nobody has signed; it is not heard.
        at = old[-1].index(b"\x9a\x39") + 2
        self.replay(old[-1][:at] + b"\x50" + old[-1][at + 1:])
        late, echo = self.serve(LATE), self.serve(ECHO)
        self.assertNotIn("number=80", "\n".join(self.gm.lines.rest(0.1)))
        asked = {i: len(self.from_asker(i)) for i in (LATE, ECHO)}
        self.assertEqual({first.id, late.id, echo.id}, set(self.ask()))
        # One to the group, and to who has no number another one, with Echo.
        self.assertEqual({LATE: 1, ECHO: 2},
                         {i: len(self.from_asker(i)) - n
                          for i, n in asked.items()})
        for datagram in old:
            self.replay(datagram)
        late.lines.wait(r" message\.refused .*why=replay", len(old))
        counts = self.ask("get")
        self.assertEqual(("1", "1"), (counts[late.id], counts[echo.id]))
        self.assertIn(counts[first.id], ("2", "3"))


if __name__ == "__main__":
    unittest.main()
