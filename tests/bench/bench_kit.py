# SPDX-License-Identifier: BSD-2-Clause
"""What benchmarks of programs share: cores, processor time, contexts."""
import os
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))
import ports  # noqa: E402, F401 for who has this kit


# Before all other programs; for root.
REALTIME = ["chrt", "-f", "5"]
prefix = []


def pinned(core, command):
    """The command on one of the cores that are ours, if there is more than
    one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1 and shutil.which("taskset"):
        return [*prefix, "taskset", "-c", str(cores[core]), *command]
    return [*prefix, *command]


def client_context(folder, port):
    return str(Path(folder) / f"client-{port}.yaml")


def contexts(folder, port):
    """Both ends of a context; the server's file."""
    secret = secrets.token_hex(16)
    server = Path(folder) / f"context-{port}.yaml"
    for path, own, other in ((server, "01", "02"),
                             (Path(client_context(folder, port)), "02", "01")):
        path.touch(mode=0o600)
        path.write_text("{type: oscore, aead: AES-CCM-16-64-128,\n"
                        f" master_secret: '{secret}',\n"
                        f" sender_id: '{own}', recipient_id: '{other}',\n"
                        " replay_window: 64}\n")
    return server


def cpu_seconds(pid):
    """With the processes that it has."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own_seconds(pid) + sum(cpu_seconds(int(c)) for c in children)


def own_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Program:
    """Runs on the first core while it is measured, or on all, and listens at
    a port of UDP."""

    def __init__(self, command, port, spread=False):
        self.command = command
        self.port = port
        self.process = subprocess.Popen([*prefix, *command] if spread
                                        else pinned(0, command),
                                        stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def __enter__(self):
        until = time.monotonic() + 60
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > until:
                sys.exit(f"does not listen: {' '.join(self.command)}")
            time.sleep(0.01)
        time.sleep(0.1)
        return self

    def listens(self):
        rows = Path("/proc/net/udp").read_text().splitlines()[1:]
        return any(r.split()[1].endswith(f":{self.port:04X}") for r in rows)

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def memory(self):
        """Resident, in bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def median(rounds, key):
    values = [r[key] for r in rounds if r[key] is not None]
    return statistics.median(values) if values else None


def number(value):
    return "-" if value is None else f"{value:,.0f}"
