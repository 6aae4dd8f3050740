# SPDX-License-Identifier: BSD-2-Clause
"""The examples of covey-get(1), with libcoap's server where they say it is:
on CoAP's own port, in a network namespace of this process, so that no other
program can have it."""
import os
import shutil
import subprocess
import sys

import request_kit

HERE = "COVEY_MAN_TEST_INSIDE"


def serve_and_run():
    examples = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                            "test_man_examples.py")
    covey = os.environ["COVEY"]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    server = subprocess.Popen(["coap-server-notls", "-d", "10", "-A", "::1"],
                              stderr=subprocess.DEVNULL)
    try:
        request_kit.await_pong("coap://[::1]", server)
        got = subprocess.run([sys.executable, "-B", examples, covey,
                              *sys.argv[1:]], check=False)
    finally:
        server.terminate()
        server.wait()
    sys.exit(got.returncode)


def main():
    if HERE in os.environ:
        serve_and_run()
    if shutil.which("coap-server-notls") is None:
        raise SystemExit("coap-server-notls is missing (libcoap3-bin)")
    if subprocess.run(["unshare", "-Urn", "true"], check=False).returncode:
        print("SKIPPED: this system allows no user namespaces")
        sys.exit(77)
    os.environ[HERE] = "1"
    os.execvp("unshare", ["unshare", "-Urn", sys.executable, "-B",
                          *sys.argv])


if __name__ == "__main__":
    main()
