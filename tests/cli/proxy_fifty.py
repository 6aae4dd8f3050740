# SPDX-License-Identifier: BSD-2-Clause
"""Fifty covey-servers, each on a host of its own, asked through covey-proxy on
another one: in the clear, with Group OSCORE end to end, with OSCORE up to the
proxy around it, over thin links on both sides, and by npm's "coap". One of
them has joined the group late."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import group_network as world
import namespace_kit as net

SERVERS = range(1, 51)
PROXY, THIN, CLIENT, LATE = 200, 201, 254, 50
MEMBERS = {"v4": "fb", "v6": "fc", "nested": "fd"}  # that ask
OPEN, SECRET = "an open word of", "a word for members of"
NPM = Path(__file__).parent.parent / "npm"
RULES = Path(__file__).parent.parent.parent / "share/rules"
NEAR, FAR = RULES / "proxy-hop-client.json", RULES / "proxy-hop-server.json"
SERVER = """listen: [0.0.0.0, '::']
schc: [{{address: '0.0.0.0:5690', rules: {far}}}]
groups:
- {{address: 224.0.1.187, interface: v{i}}}
- {{address: '224.0.1.187:5690', interface: v{i}}}
- {{address: 'ff05::fd', interface: v{i}}}
contexts: [{{file: {i}.json}}]
store: {i}.store
duplicates: 256
leisure: 0
resources:
- {{path: /open, type: static, value: {open} {i}}}
- {{path: /large, type: large, size: 3000}}
- {{path: /word, type: static, value: {secret} {i}, policy: group}}
"""
REACH = f"""  groups:
  - {{address: 224.0.1.187, interface: v{PROXY}}}
  - {{address: 'ff05::fd', interface: v{PROXY}}}
  servers: [10.77.0.0/24, 'fd77::/64']
"""
CONFIG = f"""listen: [127.0.0.1, 10.77.0.{PROXY}]
insecure: true
clients:
- from: 127.0.0.1
{REACH}- context: proxy.json
  state: proxy.state
{REACH}limits: {{requests_per_group: 16, rate: 0}}
"""
THIN_CONFIG = f"""schc: [{{address: '127.0.0.1:5690', rules: {NEAR}, sends: down}}]
onward: {{rules: {FAR}, sends: down, token_length: 2, message_ids: 0-255}}
insecure: true
clients:
- from: 127.0.0.1
  groups: [{{address: '224.0.1.187:5690', interface: v{THIN}}}]
"""
# Pings each server until all have answered: from then on they know the way.
REACH_ALL = """
import socket, sys
for family, form in ((2, "10.77.0.%s"), (10, "fd77::%s")):
    left = {form % i for i in sys.argv[1:]}
    s = socket.socket(family, socket.SOCK_DGRAM)
    while left:
        s.settimeout(0.3)
        for to in left:
            s.sendto(b"\\x40\\0\\0\\1", (to, 5683))
        try:
            while left:
                left.discard(s.recvfrom(99)[1][0])
        except socket.timeout:
            pass
"""
PAIR = {"type": "oscore", "master_secret": "00112233445566778899aabbccddeeff"}


def number_of(host):
    """The server that has this address."""
    return int(host.replace("[fd77::", "10.77.0.").split(":")[0]
               .split("]")[0].split(".")[-1])


class Fifty(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        net.build_network((*SERVERS, PROXY, THIN, CLIENT))
        folder = tempfile.TemporaryDirectory(dir="/run")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.write_contexts()
        cls.heard = cls.folder / "heard"
        world.listen(cls, cls.heard, PROXY)
        cls.start_all()
        with ThreadPoolExecutor(len(cls.asked())) as pool:  # whose pipes must not fill up
            cls.got = dict(zip(cls.asked(), pool.map(
                cls.finish, [start() for start in cls.asked().values()])))

    @staticmethod
    def finish(process):
        return (*process.communicate(timeout=120), process.returncode)

    @classmethod
    def write(cls, name, content):
        path = cls.folder / name
        path.touch(0o600)
        path.write_text(content, encoding="ascii")
        return str(path)

    @classmethod
    def write_contexts(cls):
        servers = {i: world.Member(f"{i:02x}") for i in SERVERS}
        clients = {n: world.Member(id_) for n, id_ in MEMBERS.items()}
        for i, m in servers.items():
            cls.write(f"{i}.json", json.dumps(m.context(
                clients.values(), **({"replay_windows": "invalid"}
                                     if i == LATE else {}))))
        for name, m in clients.items():
            cls.write(f"{name}.json", json.dumps(m.context(servers.values())))
        for name, ids in (("proxy", ("01", "02")), ("leg", ("02", "01"))):
            cls.write(f"{name}.json", json.dumps(
                {**PAIR, "sender_id": ids[0], "recipient_id": ids[1]}))

    @classmethod
    def start_all(cls):
        programs = [
            net.inside(host, os.environ["COVEY_PROXY"], "--config",
                       cls.write(f"{host}.yaml", config))
            for host, config in ((PROXY, CONFIG), (THIN, THIN_CONFIG))]
        for i in SERVERS:
            programs.append(net.inside(
                i, world.SERVER, "--config", cls.write(
                    f"{i}.yaml", SERVER.format(i=i, open=OPEN, far=FAR,
                                               secret=SECRET))))
        for program in programs:
            cls.addClassCleanup(program.stderr.close)
            cls.addClassCleanup(program.wait)
            cls.addClassCleanup(program.terminate)
        for program in programs:
            said = iter(program.stderr.readline, b"")
            assert any(b" daemon.ready " in line for line in said)
        for ping in [net.inside(i, sys.executable, "-c", REACH_ALL,
                                *map(str, SERVERS)) for i in (PROXY, THIN)]:
            ping.communicate(timeout=60)

    @classmethod
    def covey(cls, host, proxy, *args):
        return net.inside(host, world.COVEY, "get", "--json", "--collect", "4",
                          "--margin", "0.5", "--proxy", f"coap://{proxy}",
                          *args, stdout=subprocess.PIPE)

    @classmethod
    def member(cls, name):
        return ("--context", str(cls.folder / f"{name}.json"), "--state",
                str(cls.folder / f"{name}.state"))

    @classmethod
    def asked(cls):
        """All at a time, since each waits until no more can come."""
        leg = ("--proxy-context", str(cls.folder / "leg.json"),
               "--proxy-number", "0")
        v4, v6 = "coap://224.0.1.187", "coap://[ff05::fd]"
        local, remote = "127.0.0.1", f"10.77.0.{PROXY}"
        return {
            "open v4": lambda: cls.covey(PROXY, local, v4 + "/open"),
            "open v6": lambda: cls.covey(PROXY, local, "--profile", "07",
                                         "--non", v6 + "/open"),
            "v4": lambda: cls.covey(PROXY, local, *cls.member("v4"),
                                    v4 + "/word"),
            "v6": lambda: cls.covey(PROXY, local, "--profile", "07",
                                    *cls.member("v6"), v6 + "/word"),
            "nested": lambda: cls.covey(CLIENT, remote, *leg,
                                        *cls.member("nested"), v4 + "/word"),
            "thin": lambda: cls.covey(THIN, local + ":5690", "--schc",
                                      str(NEAR), "--schc-sends", "up",
                                      "--explain", v4 + ":5690/open"),
            "large": lambda: cls.covey(PROXY, local, "-O", "Block2=0/0/2",
                                       v4 + "/large"),
            "npm": lambda: net.inside(
                PROXY, "node", str(NPM / "group_through_proxy.js"), local,
                "5683", v4 + "/open", "4", stdout=subprocess.PIPE),
        }

    def answers(self, name):
        out, err, status = self.got[name]
        self.assertEqual(0, status, err.decode())
        return [json.loads(line) for line in out.splitlines()]

    def check(self, name, word, network, port=5683):
        answers = [a for a in self.answers(name) if a["what"] == "answer"]
        self.assertEqual(
            {f"{network % i}:{port}": f"{word} {i}" for i in SERVERS},
            {a["origin"]: a["payload"]["text"] for a in answers})
        self.assertEqual(len(SERVERS), len(answers))
        return answers

    def test_in_the_clear(self):
        """REQ-P-08, REQ-C-01."""
        for name, network in (("open v4", "10.77.0.%d"),
                              ("open v6", "[fd77::%d]")):
            for a in self.check(name, OPEN, network):
                self.assertIs(a["protected"], False)

    def verified(self, name, network):
        """Every answer is of the member at its origin."""
        modes = {}
        for a in self.check(name, SECRET, network):
            i = number_of(a["origin"])
            self.assertEqual(f"{i:02x}", a["sender"])
            self.assertIs(a["protected"], True)
            self.assertEqual(name == "nested", a["proxy_protected"])
            modes[i] = a["mode"]
        # Who has joined late was asked alone, through the proxy.
        self.assertEqual({i: "pairwise" if i == LATE else "group"
                          for i in SERVERS}, modes)

    def test_group_oscore_end_to_end(self):
        """REQ-SEC-05."""
        self.verified("v4", "10.77.0.%d")
        self.verified("v6", "[fd77::%d]")

    def test_oscore_up_to_the_proxy_around_it(self):
        """REQ-SEC-01, REQ-SEC-02."""
        self.verified("nested", "10.77.0.%d")

    def test_thin_links_on_both_sides(self):
        """REQ-SCHC-01, REQ-P-08: with rules of their own on each."""
        self.check("thin", OPEN, "10.77.0.%d", 5690)
        packets = [a["schc"] for a in self.answers("thin") if "schc" in a]
        self.assertLessEqual(1 + len(SERVERS), len(packets))

    def test_large_answers(self):
        """REQ-BLK-01: of all the first block, then of three all the others,
        from where the proxy said that they are."""
        first = {a["origin"]: bytes.fromhex(a["payload"]["hex"])
                 for a in self.answers("large")}
        self.assertEqual(len(SERVERS), len(first))
        for origin in sorted(first)[:3]:
            self.assertEqual(64, len(first[origin]))
            body = self.finish(net.inside(
                PROXY, world.COVEY, "get", "--proxy", "coap://127.0.0.1",
                f"coap://{origin}/large", stdout=subprocess.PIPE))[0]
            self.assertEqual((3000, first[origin]), (len(body), body[:64]))

    def test_npm(self):
        answers = self.answers("npm")
        self.assertEqual(
            {f"82208144{bytes([10, 77, 0, i]).hex()}": f"{OPEN} {i}"
             for i in SERVERS},
            {a["reply_from"]: a["payload"] for a in answers})
        self.assertEqual(len(SERVERS), len(answers))

    def test_the_proxy_sees_ciphertext_only(self):
        wire = world.heard(self.heard)
        self.assertLess(400, len(wire))
        self.assertTrue(any(OPEN.encode() in data for _, data in wire))
        for _, data in wire:
            self.assertNotIn(SECRET.encode(), data)
            self.assertNotIn(b"\xb4word", data)  # Uri-Path


if __name__ == "__main__":
    net.enter("openssl", "node")
    unittest.main()
