# SPDX-License-Identifier: BSD-2-Clause
"""covey selftest on the vectors beside the project: every file there must
pass, except what is listed below with its reason. A file that this list does
not know must pass as well."""
import os
import sys

import selftest_files as files

# Cases that fail by name, with what the line must say.
NOT_SUPPORTED = {
    "icmpv6-echo-identifier-sequence": "not supported",
    "icmpv6-destination-unreachable-embedded-udp": "not supported",
    "icmpv6-packet-too-big-mtu-embedded-udp": "not supported",
    "icmpv6-parameter-problem-pointer-embedded-udp": "not supported",
    "cacheable-oscore-appendix/deterministic_request":
        "deterministic requests (Request-Hash) are not supported",
}
# Files without cases that could be run: everything in them fails.
NO_CASES = {
    "fragmentation.json": "not supported",
    "rfc8824_section7_historic.json": "documentation only",
    "rfc9529_edhoc_traces.json": "not supported",
}
# How many cases pass at least, so that none gets lost.
PASSED = {
    "group_manager_pop.json": 16,
    "group_oscore_generated.json": 124,
    "group_oscore_published.json": 6,
    "kudos_generated.json": 5,
    "oscore_generated.json": 39,
    "rfc8613_appendix_c.json": 11,
}


def wrong_line(name, result):
    """The first thing that is not as it should be, or None."""
    if not result.consistent():
        return f"{result.last}, exit status {result.status}"
    if name in NO_CASES:
        if result.passed or not result.failed:
            return f"{len(result.passed)} cases passed"
        lines = list(result.failed.values())
        return None if any(NO_CASES[name] in s for s in lines) else lines[0]
    if len(result.passed) < PASSED.get(name, 1):
        return f"only {len(result.passed)} cases passed"
    for case, line in result.failed.items():
        if NOT_SUPPORTED.get(case, "\n") not in line:
            return line
    return None


def run_folder(covey, kind, folder):
    """How many of its files are not as they should be; None without any."""
    names = sorted(n for n in os.listdir(folder) if n.endswith(".json"))
    faults = 0
    for name in names:
        result = files.run(covey, os.path.join(folder, name), kind=kind)
        wrong = wrong_line(name, result)
        faults += wrong is not None
        print(f"{name}: {result.last}" + (f": WRONG: {wrong}" if wrong
                                          else ""))
    return faults if names else None


def main():
    covey, root = sys.argv[1:3]
    shared = os.environ.get("COVEY_SHARED", os.path.join(root, "..",
                                                         "shared"))
    good = True
    for kind in ("schc", "oscore"):
        folder = os.path.join(shared, "vectors", kind)
        if not os.path.isdir(folder):
            print(f"NOT RUN: there is no {folder}; set COVEY_SHARED to the "
                  "folder that holds vectors/schc and vectors/oscore")
            return 77
        good = run_folder(covey, kind, folder) == 0 and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
