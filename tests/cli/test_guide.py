# SPDX-License-Identifier: BSD-2-Clause
"""The programs of docs/guide/serve.md do what the page says."""
import re
import signal
import socket
import subprocess
import sys
import unittest

import server_kit as kit

COVEY, THERMOMETER, LAMP, SENSOR = sys.argv[1:5]


class Program:
    """Runs a program until the end of the block; `uri` is where it is."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stderr=subprocess.PIPE,
                                        text=True)
        for line in self.process.stderr:
            found = re.search(r" server\.listen what=(\S+:\d+)$", line)
            if found:
                self.uri = f"coap://{found.group(1)}"
                return
        raise RuntimeError("it does not listen")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0, self.process.returncode

    def covey(self, verb, path, *payload):
        """Exit status and what was said."""
        got = subprocess.run([COVEY, verb, self.uri + path, *payload],
                             capture_output=True, text=True, check=False,
                             timeout=60)
        return got.returncode, got.stdout.rstrip("\n")


class Thermometer(unittest.TestCase):
    def test_tells_the_temperature(self):
        with Program(THERMOMETER) as p:
            self.assertEqual((0, "22.3 C"), p.covey("get", "/temperature"))

    def test_is_listed(self):
        with Program(THERMOMETER) as p:
            self.assertIn("/temperature",
                          p.covey("discover", "/.well-known/core")[1])

    def test_has_no_other_method_or_path(self):
        with Program(THERMOMETER) as p:
            for verb, path in (("delete", "/temperature"), ("get", "/")):
                self.assertEqual(1, p.covey(verb, path)[0])


class Lamp(unittest.TestCase):
    def test_goes_on_and_off_before_everybody(self):
        with Program(LAMP) as p:
            with subprocess.Popen(
                    [COVEY, "observe", "--count", "3", f"{p.uri}/lamp"],
                    stdout=subprocess.PIPE, text=True) as observer:
                self.assertEqual("off", observer.stdout.readline().strip())
                self.assertEqual(0, p.covey("put", "/lamp", "on")[0])
                # On by PUT, off by itself.
                self.assertEqual(["on", "off"],
                                 observer.communicate(timeout=60)[0].split())
            self.assertEqual((0, "off"), p.covey("get", "/lamp"))

    def test_refuses_other_colours(self):
        with Program(LAMP) as p:
            self.assertEqual(1, p.covey("put", "/lamp", "red")[0])
            self.assertEqual(1, p.covey("put", "/lamp", "blue")[0])


class Sensor(unittest.TestCase):
    def test_says_later_what_it_does_not_know_yet(self):
        with Program(SENSOR) as p:
            asked = [subprocess.Popen([COVEY, "get", "--explain",
                                       p.uri + "/temperature"],
                                      stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True)
                     for _ in range(3)]
            for each in asked:
                out, said = each.communicate(timeout=30)
                self.assertEqual((0, "22.3 C"), (each.returncode, out.strip()))
                self.assertIn("0.00  # Empty", said)

    def test_fetch_names_what_it_wants(self):
        with Program(SENSOR) as p:
            self.assertEqual((0, "273.1 K"),
                             p.covey("fetch", "/temperature", "K"))
            self.assertEqual(1, p.covey("fetch", "/temperature", "F")[0])
            for verb in ("patch", "ipatch"):
                self.assertEqual(1, p.covey(verb, "/temperature", "K")[0])
            got = subprocess.run(
                ["coap-client-notls", "-m", "fetch", "-e", "K",
                 p.uri + "/temperature"], capture_output=True, check=True,
                text=True, timeout=30)
            self.assertEqual("273.1 K", got.stdout.strip())

    def test_ninth_does_not_wait(self):
        with Program(SENSOR) as p, socket.socket(
                socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", int(p.uri.rsplit(":", 1)[1])))
            s.settimeout(20)
            request = kit.path("temperature")
            s.send(kit.message(1, request))
            request += [(252, kit.option(s.recv(2000), 252))]
            for i in range(9):
                s.send(kit.message(1, request, kit.NON, token=bytes([i])))
            codes = [kit.code_of(s.recv(2000))[1] for _ in range(9)]
            self.assertEqual(["5.03"] + ["2.05"] * 8, codes)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
