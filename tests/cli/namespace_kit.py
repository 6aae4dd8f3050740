# SPDX-License-Identifier: BSD-2-Clause
"""Hosts in network namespaces behind one bridge: IPv4 and IPv6, multicast.
Needs neither root nor a network: everything is in namespaces of this process,
which goes into them by starting itself once more."""
import os
import shutil
import subprocess
import sys

HERE = "COVEY_NAMESPACES_INSIDE"


def ip(lines, *where):
    """Commands of ip, all in one go."""
    subprocess.run(["ip", *where, "-batch", "-"], check=True, text=True,
                   input="\n".join(lines))


def build_network(hosts):
    """Namespaces n<i>, 10.77.0.<i> and fd77::<i>."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    os.mkdir("/run/netns")
    ip(f"netns add {name}" for name in ("switch",
                                        *(f"n{i}" for i in hosts)))
    ip(f"link add name v{i} netns n{i} type veth peer name p{i} netns switch"
       for i in hosts)
    ip(("link add name bridge0 type bridge mcast_snooping 0",
        "link set bridge0 up",
        *(f"link set p{i} master bridge0 up" for i in hosts)),
       "-n", "switch")
    for i in hosts:
        ip(("link set lo up",
            f"addr add 10.77.0.{i}/24 dev v{i}",
            f"addr add fd77::{i}/64 dev v{i} nodad",
            f"link set v{i} up",
            f"route add 224.0.0.0/4 dev v{i}"), "-n", f"n{i}")


def inside(i, *command, **more):
    return subprocess.Popen(["ip", "netns", "exec", f"n{i}", *command],
                            stderr=subprocess.PIPE, **more)


# All that is built here; some systems allow one thing and not the other.
PROBE = """exec 2>&1
mount -t tmpfs none /run && mkdir /run/netns && ip netns add a &&
ip -n a link add name veth0 type veth peer name veth1 &&
ip -n a link add name bridge0 type bridge &&
ip netns exec a true
"""


def allowed():
    """Whether this system allows what is built here; if not it says so."""
    probe = subprocess.run(["unshare", "-Urnm", "sh", "-c", PROBE], text=True,
                           check=False, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
    if probe.returncode != 0:
        print("SKIPPED: this system allows no namespaces of users and "
              f"networks: {probe.stdout}")
    return probe.returncode == 0


def enter(*programs):
    """Returns within namespaces; where there are none the test is skipped."""
    if HERE in os.environ:
        return
    for program in ("unshare", "ip", *programs):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing")
    if not allowed():
        sys.exit(77)
    os.environ[HERE] = "1"
    os.execvp("unshare", ["unshare", "-Urnm", sys.executable, "-B",
                          *sys.argv])
