# SPDX-License-Identifier: BSD-2-Clause
"""covey-proxy between libcoap's client and libcoap's server that takes its
time: the client gets an acknowledgement and then a separate response (RFC 7252
Section 5.2.2), over IPv4 and IPv6."""
import shutil
import subprocess
import sys
import unittest

import proxy_kit
import request_kit as kit

PROXY = sys.argv.pop(1)
CLIENT = shutil.which("coap-client-notls")
CONFIG = ("clients: [{from: 127.0.0.1, servers: [0.0.0.0/0, '::/0']},"
          " {from: '::1', servers: [0.0.0.0/0, '::/0']}]\n")


class Separate(unittest.TestCase):
    def setUp(self):
        self.proxy = proxy_kit.Proxy(PROXY, CONFIG)
        self.addCleanup(self.proxy.stop)

    def test_separate_response(self):
        for family, host in enumerate(("127.0.0.1", "::1")):
            server = kit.Libcoap(host, "-d", "10")
            self.addCleanup(server.end)
            shown = "[::1]" if family else host
            got = subprocess.run(
                [CLIENT, "-v", "6", "-B", "60", "-m", "get", "-P",
                 f"coap://{shown}:{self.proxy.ports[family]}",
                 f"{server.uri}/async?1"], capture_output=True, check=True,
                timeout=120, text=True)
            self.assertIn("done", got.stdout)
            self.assertIn("t:CON c:2.05", got.stdout + got.stderr)


if __name__ == "__main__":
    if CLIENT is None or kit.Libcoap.PROGRAM is None:
        raise SystemExit("libcoap's programs are missing (libcoap3-bin)")
    unittest.main()
