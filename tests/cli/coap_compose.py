# SPDX-License-Identifier: BSD-2-Clause
"""CoAP messages composed independently of the core, for the tests beside."""
import random


def nibble(value):
    """RFC 7252 Section 3.1: the four bits and the extension of a length."""
    if value < 13:
        return value, b""
    if value < 269:
        return 13, bytes([value - 13])
    return 14, (value - 269).to_bytes(2, "big")


def body(options, payload):
    out = b""
    before = 0
    for number, value in options:
        delta, delta_ext = nibble(number - before)
        length, length_ext = nibble(len(value))
        out += bytes([delta << 4 | length]) + delta_ext + length_ext + value
        before = number
    return out + (b"\xff" + payload if payload else b"")


def datagram(type_, code, mid, token, options, payload):
    tkl, ext = nibble(len(token))
    head = bytes([0x40 | type_ << 4 | tkl, code]) + mid.to_bytes(2, "big")
    return head + ext + token + body(options, payload)


def stream(code, token, options, payload):
    """RFC 8323 Section 3.2."""
    rest = body(options, payload)
    tkl, ext = nibble(len(token))
    if len(rest) < 65805:
        length, length_ext = nibble(len(rest))
    else:
        length, length_ext = 15, (len(rest) - 65805).to_bytes(4, "big")
    return (bytes([length << 4 | tkl]) + length_ext + bytes([code]) + ext +
            token + rest)


# Number, least and greatest length; 2000, 2049 and 65535 are not registered.
OPTIONS = [(1, 0, 8), (3, 1, 255), (4, 1, 8), (5, 0, 0), (6, 0, 3), (7, 0, 2),
           (8, 0, 255), (9, 0, 20), (11, 0, 255), (12, 0, 2), (14, 0, 4),
           (15, 0, 255), (16, 1, 1), (17, 0, 2), (20, 0, 255), (21, 0, 0),
           (23, 0, 3), (27, 0, 3), (28, 0, 4), (31, 0, 3), (35, 1, 300),
           (39, 1, 255), (60, 0, 4), (252, 1, 40), (258, 0, 1), (292, 0, 8),
           (2000, 0, 300), (2049, 0, 9), (65535, 0, 2)]


def some_bytes(rng, length):
    """Often text, often not."""
    if rng.random() < 0.5:
        return bytes(rng.choice(b'abcXYZ019 /?&#"\\=:\'%\n') for _ in
                     range(length))
    return bytes(rng.randrange(256) for _ in range(length))


def message(rng):
    options = []
    for number, least, greatest in sorted(rng.sample(OPTIONS,
                                                     rng.randrange(8))):
        for _ in range(1 if rng.random() < 0.8 else 3):
            length = min(greatest, max(least, int(rng.expovariate(0.1))))
            options.append((number, some_bytes(rng, length)))
    token = some_bytes(rng, rng.choice([0, 1, 2, 4, 8, 8, 12, 13, 20, 300]))
    payload = some_bytes(rng, rng.choice([0, 0, 1, 5, 30, 400]))
    return (rng.randrange(4), rng.randrange(1, 256), rng.randrange(65536),
            token, options, payload)


def generator():
    """The same messages in every run."""
    return random.Random(7252)
