# SPDX-License-Identifier: BSD-2-Clause
"""Several processes over one store, some of which are killed, and a database
that stops in the middle: nothing is given out twice, nothing is lost."""
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

import with_postgres

PROBE, KIND = sys.argv[1:3]
del sys.argv[1:]


class Processes(unittest.TestCase):
    def setUp(self):
        if KIND == "postgres":
            self.where = f"{SERVER.uri}?options=-csearch_path%3D{self.id_()}"
            self.psql(f"CREATE SCHEMA {self.id_()}")
        else:
            shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
            folder = tempfile.TemporaryDirectory(dir=shared)
            self.addCleanup(folder.cleanup)
            self.where = os.path.join(folder.name, "store.db")

    def id_(self):
        return self.id().rsplit(".", 1)[1]

    @staticmethod
    def psql(sql):
        subprocess.run([os.path.join(SERVER.bin, "psql"), "-q", "-h",
                        "127.0.0.1", "-p", str(SERVER.port), "-U", "postgres",
                        "-c", sql], check=True, timeout=60)

    def probe(self, what, count=0):
        probe = subprocess.Popen([PROBE, self.where, what, str(count)],
                                 stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(probe.wait)
        self.addCleanup(probe.kill)
        self.addCleanup(probe.stdout.close)
        self.addCleanup(probe.stdin.close)
        return probe

    def numbers(self, probes):
        """What was said by all, who must have come to their end."""
        said = [int(n) for p in probes for n in p.stdout]
        for p in probes:
            self.assertEqual(0, p.wait(60))
        return said

    def race(self, what, count=15):
        """Three that live, and three that are killed after some numbers."""
        alive = [self.probe(what, count) for _ in range(3)]
        said = []
        for after in (1, 2, 5):
            victim = self.probe(what, 1000)
            said += [int(victim.stdout.readline()) for _ in range(after)]
            victim.send_signal(signal.SIGKILL)
            said += [int(n) for n in victim.stdout if n.endswith("\n")]
        said += self.numbers(alive)
        self.assertEqual(len(said), len(set(said)), sorted(said))
        return said

    def test_numbers_are_given_out_once(self):
        self.race("pivs")

    def test_groups_are_rekeyed_once(self):
        said = self.race("rekeys")
        last = self.numbers([self.probe("rekeys", 1)])[0]
        # nothing is lost: each version was somebody's, but for those that
        # were killed between storing and saying
        self.assertTrue(last - 1 - 3 <= len(said) <= last - 1, (last, said))

    def test_many_begin_it_at_once(self):
        """Tables are made once, also where a database isolates its
        transactions more than they want."""
        options = [""] if KIND == "sqlite" else [
            "", " -cdefault_transaction_isolation=serializable"]
        for i, more in enumerate(options):
            where = f"{self.where}.{i}"
            if KIND == "postgres":
                name = f"{self.id_()}_{i}"
                self.psql(f"CREATE SCHEMA {name}")
                where = SERVER.uri + "?options=" + urllib.parse.quote(
                    f"-csearch_path={name}{more}")
            probes = [subprocess.Popen([PROBE, where, "open"],
                                       stdout=subprocess.PIPE, text=True)
                      for _ in range(8)]
            said = [probe.communicate(timeout=60)[0] for probe in probes]
            self.assertEqual(["1\n"] * 8, said)

    def test_backups_are_whole_while_others_write_and_die(self):
        writers = [self.probe("rekeys", 1000) for _ in range(3)]
        for writer in writers:
            writer.stdout.readline()
        versions = []
        with tempfile.TemporaryDirectory() as folder:
            for i, writer in enumerate(writers):
                path = os.path.join(folder, str(i))
                copy = self.probe("backup", path)
                writer.send_signal(signal.SIGKILL)
                self.assertEqual("1\n", copy.stdout.readline())
                with contextlib.closing(sqlite3.connect(path)) as db:
                    self.assertEqual([("ok",)], list(db.execute(
                        "PRAGMA integrity_check")))
                    versions += list(db.execute("SELECT version FROM grp"))[0]
                writer.stdout.read()
            self.assertEqual(3, len(os.listdir(folder)))
        self.assertEqual(sorted(versions), versions)
        last = self.numbers([self.probe("rekeys", 1)])[0]
        self.assertLess(versions[-1], last)

    def test_the_dead_are_followed(self):
        first = self.probe("hold")
        self.assertEqual("1\n", first.stdout.readline())
        second = self.probe("hold")
        first.send_signal(signal.SIGKILL)
        self.assertEqual("2\n", second.stdout.readline())

    def test_the_living_are_not(self):
        first = self.probe("hold")
        self.assertEqual("1\n", first.stdout.readline())
        second = self.probe("hold")
        with self.assertRaises(subprocess.TimeoutExpired):
            second.wait(0.5)
        first.stdin.write("\n")
        first.stdin.flush()
        self.assertEqual("2\n", second.stdout.readline())

    @unittest.skipUnless(KIND == "postgres", "a file does not go away")
    def test_a_server_that_stops_and_starts(self):
        for what in ("pivs", "rekeys"):
            for how in (signal.SIGINT, signal.SIGQUIT):
                probes = [self.probe(what, 20) for _ in range(2)]
                said = [int(p.stdout.readline()) for p in probes]
                SERVER.stop(how)
                SERVER.start()
                said += self.numbers(probes)
                self.assertEqual(40, len(set(said)), (what, sorted(said)))


if __name__ == "__main__":
    if KIND == "postgres":
        with with_postgres.postgres() as SERVER:
            unittest.main()
    else:
        unittest.main()
