# SPDX-License-Identifier: BSD-2-Clause
"""The status page of a daemon, as programs see it."""
import contextlib
import http.client
import json
import re
import time

PLACE = re.compile(r" status\.listen what=http://127\.0\.0\.1:(\d+)/")


def page_of(test, manager):
    """That of a covey-gm."""
    place = next(filter(None, map(PLACE.search, manager.lines.all)))
    return Page(test, int(place.group(1)))


class Page:
    def __init__(self, test, port):
        self.test, self.port = test, port

    def ask(self, path, method="GET", host=None, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.test.addCleanup(c.close)
        c.request(method, path, body,
                  {"Host": host or f"127.0.0.1:{self.port}"})
        return c.getresponse()

    def read(self, path):
        """Whoever asks often leaves no connections open: there are 64."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(c):
            c.request("GET", path)
            return c.getresponse().read()

    def until(self, what, holds):
        """What the page says, as soon as it says that."""
        end = time.monotonic() + 60
        got = what()
        while not holds(got):
            self.test.assertLess(time.monotonic(), end, got)
            time.sleep(0.02)
            got = what()
        return got

    def status(self):
        return json.loads(self.read("/api/status.json"))

    def events(self, name):
        return [e for e in json.loads(self.read("/api/events.json"))
                if e["event"] == name]

    def figures(self):
        """{name and labels: value}, as Prometheus reads them."""
        test, found, typed = self.test, {}, {}
        for line in self.read("/metrics").decode().splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                test.assertNotIn(name, typed)
                typed[name] = kind
            elif not line.startswith("#"):
                match = re.fullmatch(
                    r'([a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\.)*"\})? (\S+)', line)
                test.assertIsNotNone(match, line)
                test.assertEqual(match.group(1).endswith("_total"),
                                 typed[match.group(1)] == "counter", line)
                found[match.group(1) + (match.group(2) or "")] = \
                    float(match.group(3))
        return found

    def check_figures(self):
        """status.json has them all, as soon as nothing moves."""
        for _ in range(100):
            status, theirs, after = (self.status(), self.figures(),
                                     self.status())
            if status["figures"] == after["figures"]:
                break
        for f in status["figures"]:
            label = [k for k in f if k not in ("name", "help", "value")]
            key = f["name"] + "".join(f'{{{k}="{f[k]}"}}' for k in label)
            self.test.assertAlmostEqual(theirs.pop(key), f["value"], places=2)
        self.test.assertEqual({}, theirs)
        return status
