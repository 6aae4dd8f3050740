# SPDX-License-Identifier: BSD-2-Clause
"""Relative links of the pages lead to files, and to headings that are there.
Each kind of fault is planted once, too."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)


def pages():
    for folder in (ROOT, ROOT / "docs", ROOT / "share"):
        found = folder.glob("*.md" if folder == ROOT else "**/*.md")
        yield from sorted(found)


def anchors(text):
    """As they are made of headings by those who show such pages."""
    for heading in re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def broken(page, text):
    """The links of a page that lead nowhere."""
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists():
            yield link
        elif anchor and anchor not in anchors(
                text if target == page else target.read_text("utf-8")):
            yield link


class Links(unittest.TestCase):
    def test_links_lead_somewhere(self):
        count = 0
        for page in pages():
            text = page.read_text("utf-8")
            self.assertEqual([], list(broken(page, text)), page)
            count += 1
        self.assertGreater(count, 20)

    def test_pages_of_decisions_have_a_number_each(self):
        numbers = [p.name[:3] for p in (ROOT / "docs/design").glob("0*.md")]
        self.assertEqual(sorted(set(numbers)), sorted(numbers))

    def test_every_page_can_be_reached(self):
        """From README.md by links, to the page or to its folder."""
        seen, new = set(), [ROOT / "README.md"]
        while new:
            page = new.pop()
            if page in seen:
                continue
            seen.add(page)
            if page.suffix == ".md":
                links = re.findall(r"\]\(([^)#\s]+)", FENCE.sub(
                    "", page.read_text("utf-8")))
                new += [(page.parent / link).resolve() for link in links
                        if (page.parent / link).exists()]
        for page in pages():
            self.assertTrue({page, page.parent} & seen, page)

    def test_planted_faults_are_found(self):
        page = ROOT / "docs" / "testing.md"
        good = "# A b: c\n[x](../README.md#licence) [y](#a-b-c) [z](man)\n"
        self.assertEqual([], list(broken(page, good)))
        for old, new in (("README", "README2"), ("licence", "license"),
                         ("a-b-c", "a-b"), ("](man", "](men"),
                         ("# A b", "A b")):
            self.assertTrue(list(broken(page, good.replace(old, new))), new)


if __name__ == "__main__":
    unittest.main()
