#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The checks of covey-audit, each against one server that is guilty and one
that is not, programs that are installed wherever one of them has the fault, and
targets that answer with what they should not."""
import os
import unittest

import namespace_kit
from audit_kit import AUDIT, DONE, FINDINGS, REFUSED, run
from audit_lab import Lab, TARGET, set_up_namespaces

INNOCENT = """resources:
- {path: /a, type: static, value: hello}
"""


class Check(Lab):
    more = ()

    def audit(self, checks, *techniques, scope=None, sent=None):
        """Runs these checks alone; what they found and how many packets each
        of them sent."""
        def change(m):
            m["techniques"] = ["services.coap", *techniques]
            if scope is not None:
                m["scope"] = [scope]
        status = self.run_audit("--check", checks, *self.more,
                                self.signed(change))
        self.assertIn(status, (DONE, FINDINGS), self.err)
        for check, count in (sent or {}).items():
            found = sum(r["packets"] for r in self.results(check))
            self.assertEqual(found, count, check)
        # the kernel answers by ICMP what comes after the end
        self.assertEqual(len(self.sniffer.sent(17)),
                         self.lines()[-1]["packets"])
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, DONE, done.stderr)
        return self.findings()


class Open(Check):
    def test_libcoap_lists_amplifies_and_has_no_echo(self):
        self.libcoap()
        found = self.audit("CO-01,CO-02,CO-07,CO-08,CO-09,CO-12,SC-02",
                           sent={"CO-01": 1, "CO-02": 2, "CO-07": 1,
                                 "CO-08": 0, "CO-09": 1, "CO-12": 0,
                                 "SC-02": 0})
        self.assertEqual(found, {"CO-01.open", "CO-02.amplifies"})
        detail = self.results("CO-02")[0]["findings"][0]["detail"]
        self.assertIn("without Echo: x5.7 in CoAP, x3.4 with IP", detail)

    def test_covey_server_neither_amplifies_nor_tells(self):
        self.covey(INNOCENT)
        found = self.audit("CO-01,CO-02,CO-07,CO-08,CO-09,CO-12,SC-02")
        self.assertEqual(found, {"CO-01.open"})

    def test_covey_server_asks_for_echo_before_a_large_answer(self):
        self.covey("resources:\n" + "".join(
            f"- {{path: /resource-number-{n}, type: static, value: x}}\n"
            for n in range(20)))
        found = self.audit("CO-01,CO-02,CO-07", sent={"CO-07": 3})
        self.assertEqual(found, set())
        self.assertIn("echo answered with 2.05",
                      self.results("CO-07")[0]["notes"])

    def test_one_that_lists_nothing(self):
        self.covey("resources: []\n")
        self.assertEqual(self.audit("CO-01,CO-12"), set())
        self.assertIn({"check": "CO-12", "why": "no resources are listed"},
                      [{k: r[k] for k in ("check", "why")}
                       for r in self.lines() if r["kind"] == "not_tested"])

    def test_management_in_the_open(self):
        self.directory()
        self.assertEqual(self.audit("CO-01"),
                         {"CO-01.open", "CO-01.management"})
        self.assertIn("/rd", [f["detail"] for r in self.results("CO-01")
                              for f in r["findings"]])

    def test_blocks_are_asked_for_and_end(self):
        self.covey("amplification: 0\nresources:\n" + "".join(
            f"- {{path: /resource-number-{n}-of-many, type: static, "
            "value: x, rt: lamp-in-the-street}\n" for n in range(40)))
        self.audit("CO-01", sent={"CO-01": 2})

    def test_what_no_program_of_debian_does(self):
        """Of libcoap 4.3.1 and npm's coap none asks for Echo or speaks OSCORE,
        and libcoap refuses what it does not know; covey-server does both as it
        should, and no option takes it from it."""
        for check, manner, expected, sent in (
                ("CO-07", "echo-shared", {"CO-07.shared"}, 3),
                ("CO-07", "echo-separate", {"CO-07.separate"}, 3),
                ("CO-08", "bypass", {"CO-08.bypass"}, 1),
                ("CO-09", "oscore-tells", {"CO-09.tells"}, 1)):
            with self.subTest(check=check, manner=manner):
                self.again()
                self.fake(manner)
                found = self.audit(f"CO-01,{check}", sent={check: sent})
                self.assertEqual(found - {"CO-01.open"}, expected)

    def again(self):
        """Another run in the same test."""
        self.tearDown()
        self.setUp()

    def test_groups_in_the_open(self):
        self.covey("resources:\n"
                   "- {path: /ace-group, type: static, value: x, "
                   "rt: core.osc.gm}\n"
                   "- {path: /lamps-NoSec, type: static, value: x}\n")
        self.assertEqual(self.audit("CO-01,CO-08,CO-12",
                                    sent={"CO-08": 0, "CO-12": 0}),
                         {"CO-01.open", "CO-01.management", "CO-12.manager",
                          "CO-12.nosec"})
        self.assertEqual(self.results("CO-08")[0]["notes"],
                         ["osc no link has it"])

    def test_rules_in_the_open(self):
        """Whoever came last has put them into a server of libcoap."""
        self.libcoap("-d", "5")
        self.put("/schc/rules", "rules")
        self.assertEqual(self.audit("CO-01,SC-02", sent={"SC-02": 1}),
                         {"CO-01.open", "SC-02.open"})

    def test_the_same_for_oscore_alone(self):
        self.covey("resources:\n"
                   "- {path: /ace-group, type: static, value: x, "
                   "rt: core.osc.gm, policy: oscore}\n"
                   "- {path: /schc/rules, type: static, value: x, "
                   "rt: core.c.ds, policy: oscore}\n")
        self.assertEqual(self.audit("CO-01,CO-08,CO-12,SC-02",
                                    sent={"CO-08": 1, "SC-02": 0}),
                         {"CO-01.open", "CO-01.management"})
        self.assertIn(self.results("CO-08")[0]["notes"],
                      (["plain /ace-group 4.01"], ["plain /schc/rules 4.01"]))


class Inventory(Check):
    def against(self, paths):
        self.covey("resources:\n- {path: /a, type: static, value: x}\n"
                   "- {path: /b, type: static, value: x}\n")
        inventory = self.write("inventory.json", {"hosts": [
            {"address": "10.77.0.9", "resources": ["/x"]},
            {"address": TARGET, "resources": paths}]})
        self.more = ("--inventory", inventory)
        return self.audit("CO-01,IN-01", sent={"IN-01": 0}) - {"CO-01.open"}

    def test_what_is_listed_and_what_the_owner_says(self):
        self.assertEqual(self.against(["/a", "/b"]), set())
        self.tearDown()
        self.setUp()
        self.assertEqual(self.against(["/a", "/c"]),
                         {"IN-01.unlisted", "IN-01.missing"})
        self.assertEqual(
            [f["detail"] for f in self.results("IN-01")[0]["findings"]],
            ["/b", "/c"])


class Many(Check):
    def test_observe(self):
        """libcoap confirms every sixth notification, which is acknowledged."""
        self.libcoap("-N")
        found = self.audit("CO-01,CO-04", "services.coap.observe")
        self.assertEqual(found, {"CO-01.open", "CO-04.amplifies",
                                 "CO-04.message-ids"})
        # it comes again if its acknowledgement is late
        self.assertIn(self.results("CO-04")[0]["packets"], (3, 4, 5))
        self.assertIn("/time: 5 notifications",
                      self.results("CO-04")[0]["findings"][0]["detail"])

    def test_observe_of_a_server_that_asks_for_echo_first(self):
        self.covey("resources:\n- {path: /n, type: counter, period: 1, "
                   "observable: true}\n")
        found = self.audit("CO-01,CO-04", "services.coap.observe",
                           sent={"CO-04": 1})
        self.assertEqual(found, {"CO-01.open"})
        self.assertEqual(self.results("CO-04")[0]["notes"],
                         ["observe /n is not observed"])

    def test_an_open_proxy(self):
        self.libcoap("-P", ",proxy")
        found = self.audit("CO-05", "services.coap.proxy", sent={"CO-05": 2})
        self.assertEqual(found, {"CO-05.open", "CO-06.amplifies"})

    def proxy(self):
        """covey-proxy, for one client with a security context."""
        own = self.write("switch.yaml", "type: oscore\nmaster_secret: "
                         "0102030405060708090a0b0c0d0e0f10\n"
                         "sender_id: 01\nrecipient_id: 02\n")
        own.chmod(0o600)
        path = self.write("proxy.yaml", f"listen: [{TARGET}]\n"
                          f"clients:\n- context: {own}\n"
                          f"  state: {own}.state\n"
                          "  servers: [10.77.0.0/24]\n")
        server = namespace_kit.inside(2, os.environ["COVEY_PROXY"],
                                      "--config", path, text=True)
        self.running.append(server)
        said = []
        for line in server.stderr:
            said.append(line)
            if " daemon.ready " in line:
                return
        raise AssertionError(said)

    def test_no_proxy(self):
        for start in (self.libcoap, lambda: self.covey(INNOCENT), self.proxy):
            self.tearDown()
            self.setUp()
            start()
            found = self.audit("CO-05", "services.coap.proxy",
                               sent={"CO-05": 1})
            self.assertEqual(found, set())


class Hostile(Check):
    def test_what_a_terminal_would_obey_is_not_printed(self):
        self.fake("hostile")
        self.audit("CO-01,CO-02,CO-08,CO-12")
        text = (self.evidence / "acts.log").read_bytes()
        for byte in text:
            self.assertTrue(byte == 0x0a or 0x20 <= byte < 0x7f)
        self.assertNotIn("\x1b", self.out + self.err)

    def test_endless_blocks_end(self):
        self.fake("endless")
        self.audit("CO-01", sent={"CO-01": 2})

    def test_answers_that_are_no_answers(self):
        for manner in ("huge", "wrong-tokens", "garbage"):
            with self.subTest(manner=manner):
                self.tearDown()
                self.setUp()
                self.fake(manner)
                self.audit("CO-01", sent={"CO-01": 1})
                self.assertEqual(self.lines()[-1]["stop"], "none")

    def test_answers_from_elsewhere(self):
        """They are neither taken nor met with ICMP, which would be a packet
        to whoever the target has chosen."""
        self.fake("elsewhere")
        self.audit("CO-01", sent={"CO-01": 1})
        self.assertEqual({p[3] for p in self.sniffer.sent()}, {17})
        result = self.results("CO-01")[0]
        self.assertEqual((result["outcome"], result["answers"]),
                         ("silent", 0))


if __name__ == "__main__":
    set_up_namespaces()
    assert os.path.isfile(AUDIT) and TARGET and REFUSED
    unittest.main()
