# SPDX-License-Identifier: BSD-2-Clause
"""The context files that covey-context(5) shows are read; the plain ones give
the keys of RFC 8613 Appendix C.1.1."""
import os
import sys
import unittest

import oscore_kit as kit

PAGE = sys.argv.pop(1)
SECRETS = {"master_secret.hex": "fbb0d4a05264e83a1e9a1c6c04a4b9d3",
           "private_key.hex": "29eebc63532d1e37cea261ef57a4f893"
                              "7e081a0bb23d821cf4104818a4fc7953"}


def documents():
    """Literal blocks that hold no commands."""
    with open(PAGE, encoding="utf-8") as page:
        blocks = page.read().split(".Bd -literal")[1:]
    texts = [b.split("\n", 1)[1].split(".Ed\n")[0] for b in blocks]
    return [t for t in texts if not t.startswith("$ ")]


class Page(unittest.TestCase):
    def setUp(self):
        self.folder = kit.Folder(self)
        for name, value in {**SECRETS, "context": ""}.items():
            self.write(name, value)

    def write(self, name, text):
        path = self.folder.path(name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600),
                  "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_documents_are_read(self):
        texts = documents()
        self.assertEqual(4, len(texts))
        for text in texts[:2]:
            got = kit.run("derive", "--keys", self.write("context", text))
            self.assertEqual(b"", got.stderr)
            self.assertIn(b"sender_key:             "
                          b"f0910ed7295e6ad4b54fc793154302ff\n", got.stdout)
        got = kit.run("derive", self.write("context", texts[2]))
        self.assertIn(b"found one of a group", got.stderr)
        self.assertNotIn(b"error:", got.stderr)
        self.write("lamp-7-manager.yaml", texts[0])
        got = kit.run("derive", self.write("context", texts[3]))
        self.assertIn(b"found one of a group", got.stderr)
        self.assertNotIn(b"error:", got.stderr)


if __name__ == "__main__":
    unittest.main()
