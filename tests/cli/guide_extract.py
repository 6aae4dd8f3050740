# SPDX-License-Identifier: BSD-2-Clause
"""guide_extract.py PAGE NUMBER OUT: the NUMBERth C program of a page."""
import re
import sys
from pathlib import Path

page, number, out = sys.argv[1:]
programs = re.findall(r"^```c\n(.*?)^```$",
                      Path(page).read_text(encoding="utf-8"), re.M | re.S)
text = programs[int(number) - 1]
if text.count("5683") != 1:
    sys.exit(f"{page}: program {number} names its port not once")
Path(out).write_text(text.replace("5683", "0"), encoding="utf-8")
