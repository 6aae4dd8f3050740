# SPDX-License-Identifier: BSD-2-Clause
"""Hosts in network namespaces behind one bridge: IPv4 and IPv6, multicast.
Needs neither root nor a network: everything is in namespaces of this process,
which goes into them by starting itself once more."""
import os
import shutil
import subprocess
import sys

HERE = "COVEY_NAMESPACES_INSIDE"


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def join_bridge(i):
    """Namespace n<i>, 10.77.0.<i> and fd77::<i>."""
    ip("netns", "add", f"n{i}")
    ip("link", "add", "name", f"v{i}", "netns", f"n{i}", "type", "veth",
       "peer", "name", f"p{i}", "netns", "switch")
    ip("-n", "switch", "link", "set", f"p{i}", "master", "bridge0", "up")
    inside_ip = ("-n", f"n{i}")
    ip(*inside_ip, "link", "set", "lo", "up")
    ip(*inside_ip, "addr", "add", f"10.77.0.{i}/24", "dev", f"v{i}")
    ip(*inside_ip, "addr", "add", f"fd77::{i}/64", "dev", f"v{i}", "nodad")
    ip(*inside_ip, "link", "set", f"v{i}", "up")
    ip(*inside_ip, "route", "add", "224.0.0.0/4", "dev", f"v{i}")


def build_network(hosts):
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    os.mkdir("/run/netns")
    ip("netns", "add", "switch")
    ip("-n", "switch", "link", "add", "name", "bridge0", "type", "bridge",
       "mcast_snooping", "0")
    ip("-n", "switch", "link", "set", "bridge0", "up")
    for i in hosts:
        join_bridge(i)


def inside(i, *command, **more):
    return subprocess.Popen(["ip", "netns", "exec", f"n{i}", *command],
                            stderr=subprocess.PIPE, **more)


def enter(*programs):
    """Returns within namespaces; where there are none the test is skipped."""
    if HERE in os.environ:
        return
    for program in ("unshare", "ip", *programs):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing")
    probe = subprocess.run(["unshare", "-Urnm", "true"], check=False)
    if probe.returncode != 0:
        print("SKIPPED: this system allows no user namespaces")
        sys.exit(77)
    os.environ[HERE] = "1"
    os.execvp("unshare", ["unshare", "-Urnm", sys.executable, "-B",
                          *sys.argv])
