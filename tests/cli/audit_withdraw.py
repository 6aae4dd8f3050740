#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit run that is withdrawn or expires: nothing leaves after that, and
nothing begins again. Packets are counted on the wire."""
import os
import shutil
import signal
import subprocess
import time
import unittest

from audit_kit import DONE, REFUSED, run
from audit_lab import (GROUP, Lab, Sniffer, STOPPED, TARGET, after,
                       set_up_namespaces)


class Ends(Lab):
    """Nothing leaves after it, and nothing begins again."""

    def ended(self, process, moment, why, packets):
        self.assertEqual(self.end(process), STOPPED, self.err)
        time.sleep(0.3)
        if moment is None:  # when it was noticed, in milliseconds
            moment = self.lines()[-2]["noticed_ms"] / 1000 + 0.001
        late = [p for p in self.sniffer.sent() if p[0] > moment]
        self.assertEqual(late, [])
        self.assertGreaterEqual(len(self.sniffer.sent()), packets)
        self.assertEqual(self.lines()[-2]["why"], why)
        count = len(self.sniffer.sent())
        subprocess.run(["rm", "-rf", self.evidence], check=True)
        self.assertEqual(self.run_audit(self.path_signed), REFUSED)
        self.assertEqual(len(self.sniffer.sent()), count)

    def stop(self):
        done = run("stop", "--state", self.state, self.mandate()["id"])
        self.assertEqual(done.returncode, DONE)
        return time.time()


class Withdrawal(Ends):
    def begin(self, packets, *techniques):
        def slow(m):
            m["limits"]["pps"] = 4
            m["techniques"] = ["services.coap", *techniques]
            m["scope"].append({"clause": "S2", "group": GROUP, "proto": "udp",
                               "ports": "5683", "max_responders": 5})
        self.path_signed = self.signed(slow)
        process = self.start(self.path_signed)
        self.sniffer.await_sent(packets)
        return process

    def test_at_the_first_packet(self):
        self.fake("plain")
        process = self.begin(1)
        self.ended(process, self.stop(), "withdrawal", 1)

    def test_among_the_checks(self):
        self.fake("plain")
        process = self.begin(4)
        self.ended(process, self.stop(), "withdrawal", 4)

    def test_while_an_observation_runs(self):
        self.fake("observe-slow")
        process = self.begin(7, "services.coap.observe")
        self.ended(process, self.stop(), "withdrawal", 7)

    def test_while_a_group_is_waited_for(self):
        def change(m):
            m["techniques"] = ["services.coap.multicast"]
            m["scope"] = [{"clause": "S2", "group": GROUP, "proto": "udp",
                           "ports": "5683", "max_responders": 5}]
        self.path_signed = self.signed(change)
        process = self.start(self.path_signed)
        self.sniffer.await_sent(1)
        self.ended(process, self.stop(), "withdrawal", 1)

    def test_signed_by_the_owner(self):
        self.fake("plain")
        process = self.begin(2)
        notice = self.sign("end", {"withdraws": self.mandate()["id"],
                                   "by": "Mme M"}, "owner")
        done = run("revoke", "--state", self.state, self.path_signed, notice)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.ended(process, time.time(), "withdrawal", 2)

    def test_by_a_signal(self):
        self.fake("plain")
        process = self.begin(2)
        # to the program itself: `ip netns exec` has become it
        process.send_signal(signal.SIGTERM)
        self.ended(process, None, "signal", 2)

    def test_a_broker_that_is_killed_takes_its_worker_along(self):
        self.fake("plain")
        process = self.begin(2)
        process.kill()
        self.end(process)
        moment = time.time()
        time.sleep(0.5)
        self.assertEqual([p for p in self.sniffer.sent()
                          if p[0] > moment + 0.02], [])
        until = time.monotonic() + 60
        while any(is_worker(name) for name in os.listdir("/proc")
                  if name.isdigit()):
            self.assertLess(time.monotonic(), until, "a worker lives on")
            time.sleep(0.05)
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, 7)
        self.assertIn("record", done.stderr)


class Stages(Ends):
    """The same while ports and protocols are asked that nobody answers."""

    def begin_with(self, *techniques):
        def change(m):
            m["techniques"] = techniques
            m["scope"] = [{"clause": "S1", "net": TARGET}]
            m["limits"].update(packets_per_target=1000)
        self.path_signed = self.signed(change)
        process = self.start("--ports", "1-100", self.path_signed)
        self.sniffer.await_sent(3 if "protocols" not in techniques else 2)
        return process

    def test_each(self):
        drop_all(2)
        self.addCleanup(drop_all, 2, "delete table inet lab")
        for technique in ("protocols", "ports.udp", "ports.tcp"):
            with self.subTest(technique=technique):
                self.state = self.path(f"state-{technique}")
                process = self.begin_with(technique)
                self.ended(process, self.stop(), "withdrawal", 2)
                self.sniffer.stop()
                self.sniffer = Sniffer()


def drop_all(host, *commands):
    for command in commands or (
            "add table inet lab", "add chain inet lab in { type filter hook "
            "input priority 0 ; policy drop ; }"):
        subprocess.run(["ip", "netns", "exec", f"n{host}", "nft", command],
                       check=True)


def is_worker(number):
    try:
        with open(f"/proc/{number}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
        with open(f"/proc/{number}/stat", encoding="ascii") as file:
            state = file.read().rsplit(")", 1)[1].split()[0]
        mine = os.readlink(f"/proc/{number}/ns/user") == \
            os.readlink("/proc/self/ns/user")
    except OSError:
        return False
    return mine and state != "Z" and words[:2] == [b"covey-audit", b"worker"]


class Expiry(Ends):
    def cut(self, patience):
        """Held over the end of its window while it waits for an answer: what
        would not end within it is not begun. False: it was too late."""
        end = int(time.time()) + 3 * patience
        to = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
        process = self.start(self.signed(lambda m: (
            m.update(window=[{"from": after(-9), "to": to}],
                     techniques=["protocols"],
                     scope=[{"clause": "S1", "net": TARGET}]),
            m["limits"].update(stop_if_silent_s=patience))))
        while not self.sniffer.sent() and process.poll() is None:
            time.sleep(0.01)
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            time.sleep(max(0, end + 0.1 - time.time()))
            process.send_signal(signal.SIGCONT)
        status = self.end(process)
        time.sleep(0.1)
        self.assertEqual([p for p in self.sniffer.sent() if p[0] >= end], [])
        if not self.sniffer.sent():
            return False
        self.assertEqual(status, STOPPED, self.err)
        self.assertEqual(self.lines()[-2]["why"], "expiry")
        last = [x for x in self.lines() if x["kind"] == "result"][-1]
        return last["outcome"] == "stopped" and last["packets"] > 0

    def test_an_act_is_cut_at_the_end_of_its_window(self):
        drop_all(2)
        self.addCleanup(drop_all, 2, "delete table inet lab")
        for patience in (1, 2, 4, 8):  # a busy machine may be late
            if self.cut(patience):
                return
            shutil.rmtree(self.evidence, ignore_errors=True)
            self.sniffer.stop()
            self.sniffer = Sniffer()
        self.fail("never under way at the end")

    @unittest.skipUnless(os.environ.get("COVEY_AUDIT_SLEEPS"),
                         "./check --long sleeps over the end of a window")
    def test_a_running_act_is_cut_at_the_end_of_its_window(self):
        """A machine that slept over it: nothing goes on when it wakes."""
        self.fake("plain")
        self.path_signed = self.signed(
            lambda m: (m.update(window=[{"from": after(-9), "to": after(6)}],
                                techniques=["ports.udp"]),
                       m["scope"][0].update(ports="3000-3900"),
                       m["limits"].update(pps=20, packets_per_target=5000)))
        process = self.start(self.path_signed)
        self.sniffer.await_sent(3)
        process.send_signal(signal.SIGSTOP)
        time.sleep(6)
        process.send_signal(signal.SIGCONT)
        self.ended(process, time.time() - 1, "expiry", 3)

    def test_what_does_not_end_within_the_window_is_not_begun(self):
        self.fake("plain")
        status = self.run_audit(self.signed(
            lambda m: (m.update(window=[{"from": after(-9),
                                         "to": after(55)}]),
                       m["limits"].update(stop_if_silent_s=20))))
        end = time.time()
        self.assertEqual(status, STOPPED, self.err)
        self.assertEqual(self.lines()[-2]["why"], "expiry")
        self.assertLess(self.sniffer.sent()[-1][0], end)


if __name__ == "__main__":
    set_up_namespaces()
    unittest.main()
