# SPDX-License-Identifier: BSD-2-Clause
"""The provider for hosts against implementations that share nothing with it:
Python's hashlib and hmac, the curves written out in big integers below, and
the OSCORE and Group OSCORE vectors beside the project, which come from other
implementations. usage: test_independent.py PROBE PROJECT"""
import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
from pathlib import Path

HASHES = {5: hashlib.sha256, 6: hashlib.sha384, 7: hashlib.sha512,
          -16: hashlib.sha256, -43: hashlib.sha384, -44: hashlib.sha512}
P25519 = 2 ** 255 - 19
ED25519, X25519, P256 = 6, 4, 1
# SEC 2 Section 2.4.2
P = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


class Probe:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.checks = 0

    def ask(self, op, number, *fields):
        words = [f.hex() or "-" for f in fields]
        print(op, number, *words, file=self.process.stdin, flush=True)
        text = self.process.stdout.readline().strip()
        if text == "-":
            return b""
        return text if text.startswith("E_") else bytes.fromhex(text)

    def expect(self, what, wanted, op, number, *fields):
        self.checks += 1
        got = self.ask(op, number, *fields)
        if got != wanted:
            sys.exit(f"{what}: {op} {number}: expected {shown(wanted)}, "
                     f"got {shown(got)}")

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit(f"the probe ended with {self.process.returncode}")


def shown(value):
    return value if isinstance(value, str) else value.hex() or "nothing"


def hkdf(make, salt, ikm, info, length):
    prk = hmac.new(salt or bytes(make().digest_size), ikm, make).digest()
    t = okm = b""
    for i in range(1, 256):
        if len(okm) >= length:
            break
        t = hmac.new(prk, t + info + bytes([i]), make).digest()
        okm += t
    return okm[:length]


def x25519(scalar, u):
    """RFC 7748 Section 5, the ladder."""
    k = bytearray(scalar)
    k[0] &= 248
    k[31] = k[31] & 127 | 64
    k = int.from_bytes(k, "little")
    x1 = (int.from_bytes(u, "little") & (2 ** 255 - 1)) % P25519
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swap = bit
        aa, bb = (x2 + z2) ** 2, (x2 - z2) ** 2
        e = aa - bb
        da, cb = (x3 - z3) * (x2 + z2), (x3 + z3) * (x2 - z2)
        x3, z3 = (da + cb) ** 2 % P25519, x1 * (da - cb) ** 2 % P25519
        x2, z2 = aa * bb % P25519, e * (aa + 121665 * e) % P25519
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, -1, P25519) % P25519).to_bytes(32, "little")


def montgomery_of(public):
    """u = (1 + y) / (1 - y), the sign bit cleared."""
    y = int.from_bytes(public, "little") & (2 ** 255 - 1)
    return ((1 + y) * pow(1 - y, -1, P25519) % P25519).to_bytes(32, "little")


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] ** 2 - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope ** 2 - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point):
    total = None
    while k:
        if k & 1:
            total = add(total, point)
        point = add(point, point)
        k >>= 1
    return total


def sec1(point):
    return b"\4" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def ecdsa_good(public, tbs, signature):
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s < N and len(signature) == 64):
        return False
    e = int.from_bytes(hashlib.sha256(tbs).digest(), "big")
    w = pow(s, -1, N)
    point = add(multiply(e * w % N, G), multiply(r * w % N, public))
    return point is not None and point[0] % N == r


def ecdsa_sign(d, tbs, k):
    e = int.from_bytes(hashlib.sha256(tbs).digest(), "big")
    r = multiply(k, G)[0] % N
    s = pow(k, -1, N) * (e + r * d) % N
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def check_hashes(probe, rng):
    for alg, make in HASHES.items():
        for length in [*range(0, 140), 255, 256, 1000]:
            data = rng.randbytes(length)
            if alg < 0:
                probe.expect("hashlib", make(data).digest(), "hash", alg,
                             data)
                continue
            key = rng.randbytes(rng.randrange(0, 200))
            probe.expect("hmac", hmac.new(key, data, make).digest(), "hmac",
                         alg, key, data)
            info = rng.randbytes(rng.randrange(0, 40))
            wanted = rng.randrange(1, 200)
            probe.expect("hkdf", hkdf(make, key, data, info, wanted), "hkdf",
                         alg, key, data, info, bytes([wanted]))


def check_curves(probe, rng):
    base = bytes([9]) + bytes(31)
    for _ in range(8):
        a, b = rng.randbytes(32), rng.randbytes(32)
        probe.expect("X25519", x25519(a, base), "public", X25519, a)
        probe.expect("X25519", x25519(a, x25519(b, base)), "agree", X25519, a,
                     x25519(b, base))
        peer = probe.ask("public", ED25519, b)
        scalar = hashlib.sha512(a).digest()[:32]
        probe.expect("Ed25519 to X25519", x25519(scalar, montgomery_of(peer)),
                     "agree", ED25519, a, peer)
        d, e = rng.randrange(1, N), rng.randrange(1, N)
        raw = d.to_bytes(32, "big")
        own, other = multiply(d, G), multiply(e, G)
        probe.expect("P-256", sec1(own), "public", P256, raw)
        shared = multiply(d, other)[0].to_bytes(32, "big")
        probe.expect("P-256", shared, "agree", P256, raw, sec1(other))
        short = bytes([2 + other[1] % 2]) + sec1(other)[1:33]
        probe.expect("P-256 compressed", shared, "agree", P256, raw, short)
        tbs = rng.randbytes(rng.randrange(0, 300))
        theirs = ecdsa_sign(d, tbs, rng.randrange(1, N))
        probe.expect("their ES256", b"", "verify", -7, sec1(own), tbs, theirs)
        probe.expect("their ES256, of another text", "E_AUTH", "verify", -7,
                     sec1(own), tbs + b"x", theirs)
        ours = probe.ask("sign", -7, raw, tbs)
        probe.checks += 1
        if not ecdsa_good(own, tbs, ours) or \
                ecdsa_good(own, tbs + b"x", ours):
            sys.exit("our ES256 does not verify")


def octets(text):
    return bytes.fromhex(text)


def check_plain(probe, case):
    """One exchange of plain OSCORE."""
    for message, key in (("request", "client_key"),
                         ("response", "server_key")):
        m = case[message]
        if not isinstance(m, dict) or "ciphertext" not in m:
            continue
        aad = octets(m.get("aad") or case["request"]["aad"])
        key_nonce_aad = octets(case[key]), octets(m["nonce"]), aad
        plain, sealed = octets(m["plaintext"]), octets(m["ciphertext"])
        probe.expect(case["id"], sealed, "seal", case["alg_aead"],
                     *key_nonce_aad, plain)
        probe.expect(case["id"], plain, "open", case["alg_aead"],
                     *key_nonce_aad, sealed)


def public_bytes(case, endpoint):
    text = endpoint["public_key"]
    return octets(("04" if case["key_kind"] == "P-256" else "") + text)


def check_group(probe, case):
    """Everything in one exchange of Group OSCORE that is cryptography."""
    group, ends = case["group"], case["endpoints"]
    curve = P256 if case["key_kind"] == "P-256" else ED25519
    shared = case["derived"].get("shared_secret")
    if shared and {"client", "server"} <= ends.keys():
        for own, peer in (("client", "server"), ("server", "client")):
            probe.expect(case["id"], octets(shared), "agree", curve,
                         octets(ends[own]["private_key"]),
                         public_bytes(case, ends[peer]))
    for m in case["exchange"]:
        if "ciphertext" not in m:
            continue
        aead = m["algorithm"] > 0
        fields = (octets(m["encryption_key"]), octets(m["nonce"]),
                  octets(m["aad"]) if aead else b"")
        probe.expect(case["id"], octets(m["ciphertext"]), "seal",
                     m["algorithm"], *fields, octets(m["plaintext"]))
        probe.expect(case["id"], octets(m["plaintext"]), "open",
                     m["algorithm"], *fields, octets(m["ciphertext"]))
        if "signature" not in m:
            continue
        name = "client" if m["direction"] == "request" else "server"
        signer = ends.get(m.get("sender") or name)
        if signer is None:
            continue
        tbs, sig = octets(m["countersign_tbs"]), octets(m["signature"])
        probe.expect(case["id"], b"", "verify", group["alg_signature"],
                     public_bytes(case, signer), tbs, sig)
        if curve == ED25519:
            probe.expect(case["id"], sig, "sign", -8,
                         octets(signer["private_key"]), tbs)
        probe.expect(case["id"], octets(m["keystream"]), "hkdf",
                     group["hkdf"], octets(m["keystream_salt"]),
                     octets(case["derived"]["signature_encryption_key"]),
                     octets(m["keystream_info"]), bytes([len(sig)]))


def check_hackathon(probe, published):
    keys = next(v for v in published["vectors"]
                if v["id"] == "hackathon-109-keys")
    for group in (g for g in keys.values() if isinstance(g, dict)):
        ends = group["entities"]
        p256 = group["curve"] == "P-256"
        for peer in (1, 2):
            name = f"shared_secret_1_{peer + 1}"
            if name not in group:
                continue
            x, y = ends[peer]["x"], ends[peer].get("y", "")
            probe.expect(keys["id"], octets(group[name]), "agree",
                         P256 if p256 else ED25519, octets(ends[0]["d"]),
                         octets("04" + x + y if p256 else x))


def check_vectors(probe, folder):
    def load(name):
        return json.loads((folder / name).read_text(encoding="utf-8"))

    for case in load("oscore_generated.json")["cases"]:
        check_plain(probe, case)
    for case in load("group_oscore_generated.json")["cases"]:
        check_group(probe, case)
    check_hackathon(probe, load("group_oscore_published.json"))


def main():
    probe, project = Probe(sys.argv[1]), Path(sys.argv[2])
    rng = random.Random(20)
    check_hashes(probe, rng)
    check_curves(probe, rng)
    own = probe.checks
    shared = Path(os.environ.get("COVEY_SHARED", project.parent / "shared"))
    folder = shared / "vectors" / "oscore"
    if folder.is_dir():
        check_vectors(probe, folder)
    probe.close()
    print(f"{own} checks against Python, {probe.checks - own} of vectors")
    if probe.checks == own:
        print(f"no vectors in {folder}: these checks are MISSING")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
