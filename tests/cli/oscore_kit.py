# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of covey oscore share: the program, context files, and the
vectors of RFC 8613 Appendix C and of tests/vectors/oscore."""
import json
import os
import subprocess
import tempfile

COVEY = os.environ["COVEY"]
VECTORS = os.environ["COVEY_VECTORS"]


def run(verb, *args, stdin=None, stdout=subprocess.PIPE):
    """Of covey oscore."""
    return subprocess.run([COVEY, "oscore", verb, *args], check=False,
                          input=stdin.encode() if stdin else None,
                          stdout=stdout, stderr=subprocess.PIPE)


def vectors(name):
    path = os.path.join(VECTORS, name)
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Folder:
    """A folder for the files of one test."""

    def __init__(self, test):
        self.folder = tempfile.TemporaryDirectory()
        test.addCleanup(self.folder.cleanup)
        self.count = 0

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def context(self, **keys):
        """A context file; keys that are None are left out."""
        self.count += 1
        path = self.path(f"context-{self.count}")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="utf-8") as file:
            file.write("type: oscore\n")
            for key, value in keys.items():
                if value is not None:
                    shown = value if value != "" else '""'
                    file.write(f"{key}: {shown}\n")
        return path


def appendix_c():
    """{id: case} of RFC 8613 Appendix C."""
    return {v["id"]: v for v in vectors("rfc8613_appendix_c.json")["vectors"]}


def appendix_context(folder, case):
    return folder.context(**{key: case.get(key) for key in (
        "master_secret", "master_salt", "id_context", "sender_id",
        "recipient_id")})


def generated_contexts(folder, case):
    """Client and server of a case of oscore_generated.json."""
    common = {"master_secret": case["master_secret"],
              "master_salt": case["master_salt"],
              "id_context": case["id_context"],
              "aead": case["alg_aead"], "hkdf": case["hkdf"]}
    return (folder.context(sender_id=case["client_id"],
                           recipient_id=case["server_id"], **common),
            folder.context(sender_id=case["server_id"],
                           recipient_id=case["client_id"], **common))
