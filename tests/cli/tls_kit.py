# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of covey tls share: keys and certificates made by openssl,
programs that listen, and programs that connect."""
import os
import select
import subprocess
import time

import ports

COVEY = os.environ.get("COVEY", "covey")
EXTENSIONS = ("subjectAltName=DNS:localhost,IP:127.0.0.1\n"
              "basicConstraints=CA:false\nkeyUsage=digitalSignature\n"
              "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
KINDS = {"p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
         "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
         "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
         "ed25519": ["ed25519"]}


def openssl(*args, cwd=None):
    return subprocess.run(["openssl", *args], check=True, cwd=cwd,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


def authority(folder, name="ca"):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.pem", "-subj", f"/CN={name}", "-days", "30",
            "-addext", "keyUsage=critical,keyCertSign", cwd=folder)


def certificate(folder, kind, name=None, more="", ca="ca"):
    name = name or kind
    with open(f"{folder}/{name}.ext", "w", encoding="ascii") as f:
        f.write(EXTENSIONS + more)
    openssl("genpkey", "-algorithm", *KINDS[kind], "-out", f"{name}.key",
            cwd=folder)
    openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}",
            "-out", f"{name}.csr", cwd=folder)
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem",
            "-CAkey", f"{ca}.key", "-CAcreateserial", "-out", f"{name}.pem",
            "-days", "20", "-extfile", f"{name}.ext", cwd=folder)
    openssl("pkey", "-in", f"{name}.key", "-pubout", "-outform", "DER",
            "-out", f"{name}.pub.der", cwd=folder)
    openssl("pkey", "-in", f"{name}.key", "-pubout", "-out",
            f"{name}.pub.pem", cwd=folder)
    os.chmod(f"{folder}/{name}.key", 0o600)


class Program:
    """A program that goes on until it is told to end."""

    def __init__(self, args, ready, cwd):
        self.process = subprocess.Popen(
            args, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.output = b""
        try:
            self.wait_for(ready)
        except AssertionError:
            self.end()
            raise

    def wait_for(self, text, seconds=60):
        end = time.monotonic() + seconds
        while text not in self.output:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [],
                                              left)[0]:
                raise AssertionError(f"no {text!r} in {self.output!r}")
            got = os.read(self.process.stdout.fileno(), 65536)
            if not got:
                raise AssertionError(f"ended with {self.output!r}")
            self.output += got

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def wait(self):
        """Exit code of one that ends by itself; all it printed."""
        rest, _ = self.process.communicate(timeout=60)
        self.output += rest
        return self.process.returncode, self.output

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def our_server(folder, *args):
    server = Program([COVEY, "tls", "server", *args, "127.0.0.1:0"],
                     b"listening on ", folder)
    server.wait_for(b"\n")
    server.port = int(server.output.split(b"\n")[0].rsplit(b":", 1)[1])
    return server


def listener(folder, ready, *args):
    """A server of somebody else; PORT stands for the port."""
    port = ports.free()
    server = Program([a.replace("PORT", str(port)) for a in args],
                     ready.replace(b"PORT", b"%d" % port), folder)
    server.port = port
    return server


def our_client(folder, port, *args, data=b""):
    """Exit code, standard output, standard error as text."""
    got = subprocess.run(
        [COVEY, "tls", "client", *args, f"localhost:{port}"], cwd=folder,
        input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=60, check=False)
    return got.returncode, got.stdout, got.stderr.decode()
