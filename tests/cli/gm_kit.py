# SPDX-License-Identifier: BSD-2-Clause
"""A covey-gm with a store of its own, and a fleet of nodes
(tests/unit/gm/fleet_main.c) that does what it is told, line by line."""
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time

import ports

WAIT = 60


def identity(fleet, number=9999):
    return subprocess.run([fleet, "identity", str(number)], check=True,
                          capture_output=True, text=True).stdout.strip()


def enrol(fleet, where, count, group="g"):
    subprocess.run([fleet, "enrol", where, str(count), group], check=True)


class Lines:
    """The lines of a process, as they come."""

    def __init__(self, stream):
        self.all = []
        self.queue = queue.Queue()
        self.stream = stream
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.stream:
            self.queue.put(line.rstrip("\n"))
        self.queue.put(None)

    def next(self, until):
        """None: the end, or nothing has come in time."""
        try:
            line = self.queue.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return None
        if line is not None:
            self.all.append(line)
        return line

    def wait(self, pattern, count=1, wait=WAIT):
        """The first `count` matches among the lines that follow."""
        until = time.monotonic() + wait
        found = []
        while len(found) < count:
            line = self.next(until)
            if line is None:
                raise AssertionError(
                    f"{len(found)} of {count} '{pattern}' in time after "
                    f"{self.all[-20:]}")
            match = re.search(pattern, line)
            if match:
                found.append(match)
        return found

    def rest(self, wait=0.0):
        until = time.monotonic() + wait
        while self.next(until) is not None:
            pass
        return self.all


class Process:
    def __init__(self, *command, env=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, bufsize=1,
            env={**os.environ, **env} if env else None)
        self.lines = Lines(self.process.stdout)

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(WAIT)
        self.lines.thread.join(WAIT)
        self.process.stdin.close()
        self.process.stdout.close()
        return status


class Manager(Process):
    """Runs until stop(); `text` is the configuration without where and who."""

    def __init__(self, program, fleet, folder, where, text, port=0, env=None,
                 ready=True, name="gm"):
        path = os.path.join(folder, name + ".yaml")
        port = port or ports.free()  # also for the next one in its place
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600),
                  "w", encoding="utf-8") as file:
            file.write(f"listen: ['127.0.0.1:{port}']\nstore: '{where}'\n"
                       f"identities: [{identity(fleet)}]\n{text}")
        super().__init__(program, "--config", path, "--log-level", "debug",
                         env=env)
        self.port = None
        if ready:
            found = self.lines.wait(r" gm\.listen what=\S+:(\d+) ")
            self.port = int(found[0].group(1))
            self.lines.wait(r" daemon\.ready ")


class Fleet(Process):
    def __init__(self, program, port, count):
        super().__init__(program, "run", str(port), str(count))
        self.lines.wait(r"^ready$")

    def say(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def ask(self, node, code, path, form=65535, payload="-"):
        """(code, payload) of the answer."""
        self.say("ask", node, code, path, form, payload)
        got = self.lines.wait(rf"^answer {node} (\S+) (\S+)$")[0]
        return got.group(1), "" if got.group(2) == "-" else got.group(2)

    def join(self, first, last, group="g", roles=6):
        self.say("join", first, last, group, roles)
        self.lines.wait(r"^joined \d+ ", last - first + 1)

    def quit(self):
        self.say("quit")
        return self.stop()

    def keys(self):
        """Every (version, Gid, hash of the secret, node, Sender ID) seen."""
        out = []
        for line in self.lines.all:
            found = re.match(r"keys (\d+) (\d+) (\S+) (\S+) (\S+)$", line)
            if found:
                out.append((int(found.group(2)), found.group(3),
                            found.group(4), int(found.group(1)),
                            found.group(5)))
        return out


def check_keys(test, seen):
    """One secret and Gid for a version, one node for a Sender ID in it, and
    nothing a second time."""
    versions, gids, secrets, owners = {}, {}, {}, {}
    for version, gid, secret, node, sender in seen:
        test.assertEqual((gid, secret),
                         versions.setdefault(version, (gid, secret)))
        test.assertEqual(version, gids.setdefault(gid, version))
        test.assertEqual(version, secrets.setdefault(secret, version))
        if sender != "-":
            test.assertEqual(node,
                             owners.setdefault((version, sender), node))
    return versions


class Bench:
    """A folder with a store of SQLite in it."""

    def __init__(self, fleet, count, group="g"):
        self.own = tempfile.TemporaryDirectory(prefix="covey-gm-")
        self.folder = self.own.name
        self.where = os.path.join(self.folder, "gm.db")
        enrol(fleet, self.where, count, group)

    def close(self):
        self.own.cleanup()
