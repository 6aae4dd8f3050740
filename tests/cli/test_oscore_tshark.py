# SPDX-License-Identifier: BSD-2-Clause
"""An independent decoder, tshark, decrypts what we protect, with the lines
that covey oscore wireshark prints."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import oscore_kit as kit
from test_coap_tshark import ipv4, write_pcap

FIELDS = ["oscore.code", "oscore.opt.uri_path",
          "oscore.payload", "oscore.tag_check_failed",
          "oscore.context_not_set"]


def datagram(port, to, data):
    """The way back has its addresses the other way round: tshark takes them
    for one exchange then."""
    header = [port, to, 8 + len(data), 0]
    packet = ipv4(17, b"".join(n.to_bytes(2, "big") for n in header) + data)
    if port < to:
        packet = packet[:12] + packet[16:20] + packet[12:16] + packet[20:]
    return packet


def protect(*args):
    got = kit.run("protect", *args)
    if got.returncode != 0:
        raise AssertionError(got.stderr.decode())
    return got.stdout.decode()[:-1]


class Tshark(unittest.TestCase):
    def setUp(self):
        self.folder = kit.Folder(self)
        self.common = {"master_secret": "0102030405060708090a0b0c0d0e0f10",
                       "master_salt": "9e7ca92223786340"}

    def contexts(self, **keys):
        common = {**self.common, **keys}
        return (self.folder.context(sender_id="", recipient_id="01",
                                    **common),
                self.folder.context(sender_id="01", recipient_id="",
                                    **common))

    def exchange(self, client, server, *flags):
        """GET /tv1 and its response, in datagrams of a capture."""
        request = protect("--number", "20", client,
                          "44015d1f00003974b3747631")
        response = protect("--request", request, *flags, server,
                           "64455d1f00003974ff48656c6c6f")
        return [datagram(40000, 5683, bytes.fromhex(request)),
                datagram(5683, 40000, bytes.fromhex(response))]

    def tshark(self, packets, records, by_file=False):
        """A list of values per packet."""
        with tempfile.TemporaryDirectory() as home:
            path = os.path.join(home, "oscore.pcap")
            with open(path, "wb") as file:
                write_pcap(file, packets)
            command = ["tshark", "-n", "-r", path, "-T", "fields",
                       "-E", "separator=|"]
            for field in FIELDS:
                command += ["-e", field]
            folder = os.path.join(home, "config")
            os.mkdir(folder)
            if by_file:
                with open(os.path.join(folder, "oscore_contexts"), "w",
                          encoding="utf-8") as file:
                    file.write(records)
            else:
                for record in records.splitlines():
                    command += ["-o", "uat:oscore_contexts:" + record]
            got = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                check=False, env={**os.environ, "HOME": home,
                                  "WIRESHARK_CONFIG_DIR": folder})
        self.assertEqual(0, got.returncode, got.stderr.decode())
        rows = [line.split("|") for line in got.stdout.decode().splitlines()]
        return [dict(zip(FIELDS, row)) for row in rows]

    def check(self, rows):
        request, response = rows
        self.assertEqual("1", request["oscore.code"])
        self.assertEqual("tv1", request["oscore.opt.uri_path"])
        self.assertEqual("69", response["oscore.code"])
        for row in rows:
            self.assertEqual("", row["oscore.tag_check_failed"])
            self.assertEqual("", row["oscore.context_not_set"])

    def records(self, context):
        got = kit.run("wireshark", context)
        self.assertEqual(0, got.returncode, got.stderr.decode())
        return got.stdout.decode()

    def test_pairs_are_decrypted(self):
        for keys in ({}, {"master_salt": None},
                     {"id_context": "37cbf3210017a2d3"}):
            client, server = self.contexts(**keys)
            for flags in ([], ["--own-piv", "--number", "0"]):
                packets = self.exchange(client, server, *flags)
                for context, by_file in ((client, False), (server, True)):
                    with self.subTest(keys=keys, flags=flags,
                                      by_file=by_file):
                        self.check(self.tshark(
                            packets, self.records(context), by_file))

    def test_requests_of_the_other_end_are_decrypted(self):
        client, server = self.contexts()
        packets = self.exchange(server, client)
        self.check(self.tshark(packets, self.records(client)))

    def test_another_secret_does_not_decrypt(self):
        client, server = self.contexts()
        packets = self.exchange(client, server)
        other = self.folder.context(master_secret="ff", sender_id="",
                                    recipient_id="01")
        for row in self.tshark(packets, self.records(other)):
            self.assertNotEqual("", row["oscore.tag_check_failed"])


if __name__ == "__main__":
    if shutil.which("tshark") is None:
        sys.exit("tshark is missing: install Debian's package tshark")
    unittest.main()
