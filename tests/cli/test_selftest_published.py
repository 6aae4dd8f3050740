# SPDX-License-Identifier: BSD-2-Clause
"""covey selftest oscore on the vectors that others published, beside the
project: every value of them is looked at. What they hold besides, and is not
run, fails by its name."""
import copy
import json
import os
import sys
import tempfile
import unittest

import selftest_files as files
import test_selftest_group as group

COVEY = ""
PATH = ""
# Inputs on which no value of their case depends.
WITHOUT_EFFECT = {
    "californium-GroupOscoreCtxTest": {"gm_cred", "alg_pairwise",
                                       "alg_signature", "alg_aead"},
}
WORDS = {"verified_by", "mode", "type", "curve"}


def load():
    with open(PATH, encoding="utf-8") as text:
        return json.load(text)["vectors"]


def run(vectors):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "vectors.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump({"vectors": vectors}, out)
        return files.run(COVEY, path, kind="oscore")


def is_looked_at(vector, path):
    """The deterministic request only gives its response a header."""
    none = WITHOUT_EFFECT.get(vector["id"], ())
    return (WORDS.isdisjoint(path) and path[-1] not in none and
            path[0] != "deterministic_request")


class Published(unittest.TestCase):
    def test_every_value(self):
        tried = 0
        for vector in load():
            spoilt = []
            for path in group.leaves(vector):
                if not is_looked_at(vector, path):
                    continue
                value = group.value_at(vector, path)
                for i, other in enumerate(group.spoilt_values(value)):
                    changed = group.spoil(vector, path, other)
                    changed["id"] = (".".join(str(p) for p in path) +
                                     f":{i}")
                    spoilt.append(changed)
            result = run(spoilt)
            self.assertEqual([], result.passed, vector["id"])
            tried += len(spoilt)
        self.assertGreater(tried, 400)

    def test_ids_of_members(self):
        vector = next(v for v in load() if "rikard1" in v)
        spoilt = []
        for name in ("rikard1", "rikard2"):
            for i, entity in enumerate(vector[name]["entities"]):
                spoilt.append(group.spoil(
                    vector, (name, "entities", i, "id"), entity["id"] + "01"))
                spoilt[-1]["id"] = f"{name}:{i}"
        self.assertEqual([], run(spoilt).passed)

    def test_mode_and_type_of_options(self):
        vector = next(v for v in load() if "examples" in v)
        spoilt = []
        for i in range(len(vector["examples"])):
            for path, word in ((("examples", i, "mode"), "x"),
                               (("examples", i, "type"), "x")):
                spoilt.append(group.spoil(vector, path, word))
                spoilt[-1]["id"] = f"{i}:{path[-1]}"
        self.assertEqual([], run(spoilt).passed)

    def test_header_of_the_bound_response(self):
        vector = next(v for v in load() if "group_mode_response" in v)
        request = vector["deterministic_request"]["plain_message"]
        changed = copy.deepcopy(vector)
        changed["deterministic_request"]["plain_message"] = (
            request[:8] + "00" + request[10:])
        self.assertEqual([], run([changed]).passed)

    def test_the_deterministic_request_fails_by_name(self):
        result = files.run(COVEY, PATH, kind="oscore")
        self.assertEqual(["cacheable-oscore-appendix/deterministic_request"],
                         list(result.failed))
        self.assertEqual("6 passed, 1 failed", result.last)

    def test_unknown_members_fail(self):
        spoilt = []
        for vector in load():
            changed = dict(vector, signature_of_somebody="00")
            spoilt.append(changed)
        self.assertEqual([], run(spoilt).passed)


def main():
    global COVEY, PATH
    COVEY, root = sys.argv[1:3]
    shared = os.environ.get("COVEY_SHARED", os.path.join(root, "..",
                                                         "shared"))
    PATH = os.path.join(shared, "vectors", "oscore",
                        "group_oscore_published.json")
    if not os.path.isfile(PATH):
        print(f"NOT RUN: there is no {PATH}; set COVEY_SHARED to the folder "
              "that holds vectors/oscore")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
