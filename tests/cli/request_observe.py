# SPDX-License-Identifier: BSD-2-Clause
"""covey observe with peers that do what they like."""
import signal
import unittest

import request_kit as kit
from request_peer import Case


class Observations(Case):
    def notify(self, values, **more):
        def answer(peer, m):
            if m.code != kit.GET:
                return
            first, *others = values
            peer.reply(m, "2.05", [(kit.OBSERVE, kit.uint(first))],
                       b"%d" % first)
            for v in others:
                peer.separate(m, "2.05", [(kit.OBSERVE, kit.uint(v))],
                              b"%d" % v, kit.NON)
        return self.peer(answer)

    def test_registration(self):
        peer = self.notify([1, 2])
        self.assertEqual(0, kit.run("observe", "--count", "2", peer.uri)[0])
        self.assertEqual([b""], peer.received[0].all(kit.OBSERVE))

    def test_late_ones_are_not_shown(self):
        peer = self.notify([5, 7, 6, 7, 8])
        self.assertEqual((0, b"5\n7\n8\n", ""),
                         kit.run("observe", "--count", "3", peer.uri))

    def test_numbers_begin_again(self):
        peer = self.notify([0xfffffe, 0xffffff, 1])
        self.assertEqual((0, b"16777214\n16777215\n1\n", ""),
                         kit.run("observe", "--count", "3", peer.uri))

    def test_ends_with_an_error(self):
        def answer(peer, m):
            if m.code == kit.GET:
                peer.reply(m, "2.05", [(kit.OBSERVE, b"\1")], b"was")
                peer.separate(m, "4.04")
        peer = self.peer(answer)
        status, out, err = kit.run("observe", peer.uri)
        self.assertEqual((0, b"was\n"), (status, out))
        self.assertIn("4.04 Not Found", err)

    def test_refused(self):
        peer = self.peer(lambda p, m: p.reply(m, "4.05"))
        self.fails(1, "4.05", "observe", peer.uri)

    def test_interrupted(self):
        peer = self.notify([1])
        process = kit.start("observe", peer.uri)
        self.assertEqual(b"1\n", process.stdout.readline())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(0, process.returncode)

    def test_registered_again_when_nothing_comes(self):
        """Max-Age 0, and then 5 to 15 s: RFC 7641 Section 3.3.1."""
        peer = self.peer(lambda p, m: m.code == kit.GET and p.reply(
            m, "2.05", [(kit.OBSERVE, kit.uint(len(p.received))),
                        (kit.MAX_AGE, b"")], b"x"))
        status, out, err = kit.run("observe", "--count", "2", peer.uri)
        self.assertEqual((0, b"x\nx\n", ""), (status, out, err))
        first, second = peer.requests()
        self.assertEqual(first.token, second.token)
        self.assertNotEqual(first.mid, second.mid)

    def test_notification_in_blocks(self):
        def answer(peer, m):
            num = (m.block(kit.BLOCK2) or (0, 0, 0))[0]
            options = [(kit.BLOCK2, kit.block(num, num == 0, 0))]
            if m.all(kit.OBSERVE):
                options.append((kit.OBSERVE, b"\1"))
            peer.reply(m, "2.05", options,
                       b"0123456789abcdefrest"[16 * num:16 * num + 16])
        peer = self.peer(answer)
        self.assertEqual((0, b"0123456789abcdefrest\n", ""),
                         kit.run("observe", "--count", "1", peer.uri))
        self.assertEqual([[b""], []],
                         [m.all(kit.OBSERVE) for m in peer.received])


if __name__ == "__main__":
    unittest.main()
