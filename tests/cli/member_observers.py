# SPDX-License-Identifier: BSD-2-Clause
"""Members that observe, as their Group Manager is killed: it does not know any
more that they do, tells them by POST, at once, and they observe again."""
import unittest

import test_member


class Observers(test_member.Places):
    updates = ["update: observe"] * 2 + ["update: post"]


if __name__ == "__main__":
    unittest.main()
