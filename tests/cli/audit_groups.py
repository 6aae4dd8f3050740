#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The check of groups, which waits as long as answers may take: RFC 7252
Section 8.2."""
import unittest

from audit_checks import INNOCENT
from audit_kit import DONE, FINDINGS
from audit_lab import GROUP, Lab, set_up_namespaces


class Groups(Lab):
    def test_a_group(self):
        def change(m):
            m["techniques"] = ["services.coap.multicast"]
            m["scope"].append({"clause": "S2", "group": GROUP, "proto": "udp",
                               "ports": "5683", "max_responders": 5})
        self.libcoap("-g", GROUP)
        self.libcoap("-g", GROUP, host=3)
        self.assertEqual(self.run_audit(self.signed(change)), FINDINGS)
        self.assertEqual(self.findings(),
                         {"CO-03.answers", "CO-03.amplifies"})
        self.assertEqual(len(self.sniffer.sent()), 1)
        # one of the two is beyond the scope: counted, not looked at
        result = self.results("CO-03")[0]
        self.assertEqual((result["answers"], result["strangers"]), (1, 1))

    def test_a_group_that_keeps_silent(self):
        def change(m):
            m["techniques"] = ["services.coap.multicast"]
            m["scope"] = [{"clause": "S2", "group": GROUP, "proto": "udp",
                           "ports": "5683", "max_responders": 5}]
        self.covey(INNOCENT)
        self.assertEqual(self.run_audit(self.signed(change)), DONE, self.err)
        self.assertEqual(self.findings(), set())


if __name__ == "__main__":
    set_up_namespaces()
    unittest.main()
