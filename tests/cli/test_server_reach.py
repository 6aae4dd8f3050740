# SPDX-License-Identifier: BSD-2-Clause
"""What covey-server sends to those who may not be where they seem to be."""
import sys
import unittest

import server_kit as kit
from server_kit import code_of, message, path

PROGRAM = ""
GET, PUT = 1, 3
ECHO, OBSERVE, BLOCK2 = 252, 6, 23
BELOW = 62  # Ethernet, IPv6, UDP
RESOURCES = """resources:
- {path: /x, type: static, value: hello}
- {path: /v, type: value, value: 'off', max: 2000, observable: true}
- {path: /large, type: large, size: 2000}
"""
LARGE = message(GET, path("large"))


def echoed(value, mid=0x7777):
    """The same with an Echo option."""
    return message(GET, path("large") + [(ECHO, value)], mid=mid)


class Limited(unittest.TestCase):
    def start(self, more=""):
        server = kit.Server(PROGRAM, RESOURCES + more)
        self.addCleanup(server.stop)
        return server

    def asked_for_echo(self, s, datagram):
        s.send(datagram)
        answer = s.recv(2000)
        self.assertEqual(("ACK", "4.01"), code_of(answer))
        self.assertLessEqual(len(answer) + BELOW,
                             3 * (len(datagram) + BELOW))
        value = kit.option(answer, ECHO)
        self.assertEqual(8, len(value))
        return value

    def test_long_answer_goes_to_who_has_shown_where_he_is(self):
        server = self.start()
        with server.client() as s:
            value = self.asked_for_echo(s, LARGE)
            s.send(echoed(value))
            answer = s.recv(2000)
            self.assertEqual(("ACK", "2.05"), code_of(answer))
            self.assertGreater(len(answer), 1024)
            s.send(message(GET, path("large"), mid=9))  # now he is known
            self.assertEqual(("ACK", "2.05"), code_of(s.recv(2000)))

    def test_value_is_good_for_one_address(self):
        server = self.start()
        with server.client() as one, server.client() as other:
            value = self.asked_for_echo(one, LARGE)
            self.asked_for_echo(other, echoed(value))
            self.asked_for_echo(one, echoed(bytes(8)))
            self.asked_for_echo(one, message(GET, path("large"), mid=8))

    def test_value_stays_the_same_while_it_is_fresh(self):
        with self.start().client() as s:
            values = {self.asked_for_echo(s, message(GET, path("large"),
                                                     mid=i))
                      for i in range(3)}
        self.assertEqual(1, len(values))

    def test_short_answers_need_nothing(self):
        server = self.start()
        for datagram, code in (
                (message(GET, path("x")), "2.05"),
                (message(GET, path("large"), mid=1) + b"\xc1\x02", "2.05"),
                (message(PUT, path("v"), payload=b"x" * 1500), "2.04"),
                (message(GET, path("nothing")), "4.04")):
            self.assertEqual(("ACK", code), code_of(server.ask(datagram)))

    def test_longer_request_gets_a_longer_answer(self):
        query = [(15, b"q" * 200)] * 2
        got = self.start().ask(message(GET, path("large") + query +
                                       [(BLOCK2, b"\x06")]))
        self.assertEqual(("ACK", "2.05"), code_of(got))

    def test_observation_begins_with_echo(self):
        server = self.start()
        with server.client() as s:
            register = message(GET, [(OBSERVE, b"")] + path("v"))
            value = self.asked_for_echo(s, register)
            server.ask(message(PUT, path("v"), payload=b"on"))
            s.settimeout(0.3)
            with self.assertRaises(TimeoutError):  # he observes nothing yet
                s.recv(2000)
            s.settimeout(60)
            s.send(message(GET, [(OBSERVE, b"")] + path("v") +
                           [(ECHO, value)], mid=2))
            self.assertIsNotNone(kit.option(s.recv(2000), OBSERVE))
            server.ask(message(PUT, path("v"), payload=b"off", mid=3))
            self.assertEqual(b"off", s.recv(2000)[-3:])

    def test_limit_is_configurable(self):
        server = self.start("amplification: 0\n")
        self.assertEqual(("ACK", "2.05"), code_of(server.ask(LARGE)))
        server = self.start("amplification: 1\n")
        self.assertEqual(("ACK", "4.01"),
                         code_of(server.ask(message(GET, path("x")))))
        server = self.start("amplification: 1000\n")
        self.assertEqual(("ACK", "2.05"), code_of(server.ask(LARGE)))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
