# SPDX-License-Identifier: BSD-2-Clause
"""A manager that is killed at each step on its way to the store while nodes
join and leave: no version has two secrets or Gids, no Sender ID two nodes,
and whatever was begun is completed by the next one. By default some of the
steps; all of them with COVEY_GM_STEPS=all."""
import os
import signal
import sys
import tempfile
import unittest

from databases import kit, schema, with_postgres

GM, FLEET, KIND = sys.argv[1:4]
del sys.argv[1:]
ALL = os.environ.get("COVEY_GM_STEPS") == "all"
RUNS = 7
SHARED = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
TEXT = ("groups: [{name: g}]\ncommit_window: 2\n"
        "tell: {attempts: 20, pause: 50}\n")
GET = 1


class World:
    """One manager that may die, one that follows it, and a fleet."""

    def __init__(self, where, step):
        self.folder = tempfile.TemporaryDirectory(prefix="covey-gm-")
        self.where = where
        self.deaths = 0
        kit.enrol(FLEET, where, 5)
        env = {"COVEY_DIE_AT": str(step)}
        if KIND == "postgres":
            env["COVEY_DIE_SEND"] = "1"
        self.gm = self.start(env=env)
        self.fleet = kit.Fleet(FLEET, self.gm.port, 5)
        self.gm.process.send_signal(signal.SIGUSR1)

    def start(self, port=0, env=None):
        return kit.Manager(GM, FLEET, self.folder.name, self.where, TEXT,
                           port, env)

    def is_dead(self):
        return self.gm.process.poll() is not None

    def again(self):
        """The next manager, if this one is dead."""
        if self.is_dead():
            port = self.gm.port
            self.gm.stop()
            self.deaths += 1
            self.gm = self.start(port)

    def do(self, verb, first, last, *more):
        """Tells the fleet, and waits for the outcome over all deaths. Who was
        refused, since the challenge that it has met died, tries again."""
        self.fleet.say(verb, first, last, *more)
        want = {"join": "joined", "leave": "ended"}[verb]
        missing = set(range(first, last + 1))
        until = kit.time.monotonic() + kit.WAIT
        while missing:
            line = self.fleet.lines.next(kit.time.monotonic() + 0.1) or ""
            found = kit.re.match(r"(joined|ended|refused) (\d+) ", line)
            if found and found.group(1) == want:
                missing.discard(int(found.group(2)))
            elif found and int(found.group(2)) in missing:
                self.fleet.say(verb, found.group(2), found.group(2), *more)
            if kit.time.monotonic() > until:
                raise AssertionError(f"{verb} {missing}: no end after "
                                     f"{self.fleet.lines.all[-9:]}")
            self.again()

    def close(self):
        self.fleet.quit()
        self.gm.stop()
        self.folder.cleanup()


def settled(test, world):
    """Everybody who is in has the keys of the last version."""
    for node in (2, 3, 4):
        if world.fleet.ask(node, GET, "ace-group/g/num")[0] != "2.05":
            world.do("join", node, node, "g", 6)
    until = kit.time.monotonic() + kit.WAIT
    while True:
        code, num = world.fleet.ask(2, GET, "ace-group/g/num")
        test.assertEqual("2.05", code)
        version = int(num[2:] or num, 16)
        world.fleet.lines.rest(0.02)
        have = {n for v, _, _, n, _ in world.fleet.keys() if v == version}
        if {2, 3, 4} <= have:
            return
        test.assertLess(kit.time.monotonic(), until,
                        f"version {version} is with {have} only")


class Kill(unittest.TestCase):
    def scenario(self, where, step):
        """How many steps there were, or None if it was killed at this one."""
        world = World(where, step)
        try:
            world.do("join", 1, 2, "g", 6)
            world.do("join", 3, 4, "g", 2)
            world.do("leave", 1, 1)
            steps = None
            if not world.deaths and world.gm.stop() == 0:
                steps = int(world.gm.lines.wait(r"^steps (\d+)$")[0].group(1))
            world.again()
            world.do("join", 5, 5, "g", 4)
            settled(self, world)
            kit.check_keys(self, world.fleet.keys())
            self.assertEqual("4.03", world.fleet.ask(
                1, GET, "ace-group/g/num")[0])
            return steps
        finally:
            world.close()

    def places(self):
        """A store for each run."""
        while True:
            if KIND == "postgres":
                yield schema(SERVER)
            else:
                with tempfile.TemporaryDirectory(dir=SHARED) as folder:
                    yield os.path.join(folder, "gm.db")

    def test_at_every_step(self):
        places = self.places()
        steps = self.scenario(next(places), 0)
        self.assertLess(20, steps)
        stride = 1 if ALL else max(1, steps // RUNS)
        # Batches fall otherwise each time, so the end may come before it.
        for step in range(1 + (0 if ALL else stride // 2), steps + 1, stride):
            with self.subTest(step=step):
                self.scenario(next(places), step)


if __name__ == "__main__":
    if KIND == "postgres":
        with with_postgres.postgres() as SERVER:
            unittest.main()
    else:
        unittest.main()
