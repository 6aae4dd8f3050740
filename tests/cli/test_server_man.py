# SPDX-License-Identifier: BSD-2-Clause
"""The configurations that covey-server.conf(5) shows are good, and the first
one is served."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import group_kit
import server_kit as kit
import tls_kit

PROGRAM, PAGE = sys.argv[1:3]
del sys.argv[1:]
LISTEN = "listen: [127.0.0.1, ::1]\n"


def documents():
    with open(PAGE, encoding="utf-8") as page:
        blocks = page.read().split(".Bd -literal")[1:]
    return [b.split("\n", 1)[1].split(".Ed\n")[0] for b in blocks]


class Page(unittest.TestCase):
    def test_configurations_are_good(self):
        texts = documents()
        self.assertEqual(4, len(texts))
        for text in texts:
            with tempfile.TemporaryDirectory() as folder:
                os.mkdir(os.path.join(folder, "docs"))
                tls_kit.authority(folder, "clients")
                tls_kit.certificate(folder, "p256", "server", ca="clients")
                for name in ("lamp.key", "switch.key"):
                    kit.write(folder, name, "secret")
                kit.write(folder, "client.yaml", kit.CONTEXT)
                kit.write(folder, "lamps.yaml", json.dumps(
                    group_kit.context(group_kit.load()["cases"][0],
                                      "server")))
                path = os.path.join(folder, "server.yaml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                got = subprocess.run(
                    [PROGRAM, "--config", path, "--check-config"], text=True,
                    capture_output=True, check=False, timeout=60)
            self.assertEqual((0, ""), (got.returncode, got.stderr))

    def test_first_one_is_served(self):
        text = documents()[0]
        self.assertTrue(text.startswith(LISTEN))
        server = kit.Server(PROGRAM, text[len(LISTEN):])
        got = server.ask(kit.message(1, kit.path("greeting")))
        self.assertEqual(0, server.stop()[0])
        self.assertEqual(("ACK", "2.05"), kit.code_of(got))
        self.assertEqual(b"hello", got[-5:])


if __name__ == "__main__":
    unittest.main()
