# SPDX-License-Identifier: BSD-2-Clause
"""Runs programs with COVEY_TEST_STORE naming a PostgreSQL server of their own:
on loopback, as an unprivileged user, in a temporary folder, stopped by pid."""
import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../cli"))
import ports  # noqa: E402

MISSING = 77  # ctest lists it as skipped


def find_bin():
    """Debian keeps the server's programs out of the path."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    path = found[-1] if found else shutil.which("initdb")
    return os.path.dirname(path) if path else None


def demote():
    """postgres refuses to run as root: the user that the package makes."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Server:
    def __init__(self, folder, programs):
        self.bin = programs
        self.who = demote()
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.port = ports.free()
        self.process = None
        if self.who:
            os.chown(folder, self.who["user"], self.who["group"])
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust",
                 "-E", "UTF8", "--locale=C", "--no-instructions", "-N")

    def run(self, program, *args):
        subprocess.run([os.path.join(self.bin, program), *args], check=True,
                       cwd=self.folder, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, timeout=120, **self.who)

    @property
    def uri(self):
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(self.bin, "postgres"), "-D", self.data,
                 "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                 "-c", "unix_socket_directories=", "-c", "shared_buffers=8MB",
                 "-c", "max_connections=30"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, **self.who)
        until = time.monotonic() + 60
        while subprocess.run(
                [os.path.join(self.bin, "pg_isready"), "-q", "-h",
                 "127.0.0.1", "-p", str(self.port)], check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > until:
                with open(os.path.join(self.folder, "log"),
                          encoding="utf-8") as log:
                    raise RuntimeError("PostgreSQL did not start:\n" +
                                       log.read())
            time.sleep(0.05)

    def stop(self, how):
        """SIGINT: at once, orderly; SIGQUIT: as after a crash."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)


@contextlib.contextmanager
def postgres():
    """A running server, or the end of this program if there is none."""
    programs = find_bin()
    if programs is None:
        print("PostgreSQL IS NOT INSTALLED: what it stores is NOT TESTED")
        sys.exit(MISSING)
    with tempfile.TemporaryDirectory(prefix="covey-pg-") as folder:
        server = Server(folder, programs)
        try:
            server.start()
            yield server
        finally:
            server.stop(2)


def main():
    with postgres() as server:
        env = dict(os.environ, COVEY_TEST_STORE=server.uri)
        status = [subprocess.run([program], env=env, check=False).returncode
                  for program in sys.argv[1:]]
    return 1 if any(status) else 0


if __name__ == "__main__":
    sys.exit(main())
