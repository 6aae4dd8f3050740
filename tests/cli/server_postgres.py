# SPDX-License-Identifier: BSD-2-Clause
"""covey-server with its store in PostgreSQL: all that holds with SQLite, and a
database that goes away in the midst of it."""
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, sys.argv.pop(1))
import test_server_oscore as oscore
import with_postgres
from server_kit import code_of, message, path

DATABASE = None


class OnPostgres(oscore.Oscore):
    # What is not about the store.
    test_only_protected_requests_are_served = None
    test_blocks_are_inside = None
    test_forgery_is_refused = None
    test_replay_is_refused = None

    def setUp(self):
        name = self.id().rsplit(".", 1)[1]
        subprocess.run([os.path.join(DATABASE.bin, "psql"), "-q", "-h",
                        "127.0.0.1", "-p", str(DATABASE.port), "-U",
                        "postgres", "-c", f"CREATE SCHEMA {name}"],
                       check=True, timeout=60)
        self.store = f"{DATABASE.uri}?options=-csearch_path%3D{name}"
        super().setUp()

    def test_nothing_is_done_that_is_not_stored(self):
        self.assertEqual("2.04", self.ask(message(2, path("n")), 0)[0])
        DATABASE.stop(signal.SIGQUIT)
        try:
            request = self.protect(message(2, path("n")), 1000000)
            self.assertEqual(("RST", "0.00"),
                             code_of(self.server.ask(request)))
        finally:
            DATABASE.start()
        code, inner = self.ask(message(1, path("n")), 2000000)
        self.assertEqual(("2.05", b"1"), (code, inner[-1:]))


if __name__ == "__main__":
    with with_postgres.postgres() as DATABASE:
        PROGRAM = unittest.main(exit=False)
    sys.exit(0 if PROGRAM.result.wasSuccessful() else 1)
