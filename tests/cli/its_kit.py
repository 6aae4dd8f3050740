# SPDX-License-Identifier: BSD-2-Clause
"""Certificates of ITS for tests of programs, made by covey its."""
import datetime
import os
import subprocess

COVEY = os.environ["COVEY"]
PLAN = """certificates:
  - { file: root, profile: root, name: Root, start: START, years: 20 }
  - { file: aa, profile: aa, issuer: root, start: START, years: 10,
      grants: [ { psid: 36 }, { psid: 623 } ] }
  - { file: car, profile: at, issuer: aa, hours: 168,
      permissions: [ { psid: 36, bitmap: "01ffc0" } ] }
  - { file: rsu, profile: rsu, issuer: aa, years: 1, implicit: true,
      permissions: [ { psid: 36, bitmap: "010080" }, { psid: 623 } ] }
  - { file: other, profile: root, name: Other, years: 20 }
  - { file: stranger, profile: at, issuer: other, hours: 168 }
"""


def its(folder, *args):
    return subprocess.run([COVEY, "its", *args], check=True, cwd=folder,
                          stdout=subprocess.PIPE).stdout.decode()


def from_now(hours, seconds=0):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(
        hours=hours, seconds=seconds)
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def pki(folder, plan=PLAN):
    """Each certificate as NAME.oer with its key in NAME.key."""
    with open(f"{folder}/pki.yaml", "w", encoding="ascii") as f:
        f.write(plan.replace("START", from_now(-24)))
    its(folder, "pki", "init", "pki.yaml", ".")
    its(folder, "pki", "issue", "pki.yaml", ".")


def ends_in(folder, name, seconds):
    """A further ticket of the AA that has so long to live."""
    with open(f"{folder}/pki.yaml", encoding="ascii") as f:
        plan = f.read()
    with open(f"{folder}/{name}.yaml", "w", encoding="ascii") as f:
        f.write(plan + f"  - {{ file: {name}, profile: at, issuer: aa, "
                f"permissions: [ {{ psid: 36 }} ], hours: 1, start: {from_now(-1, seconds)} }}\n")
    its(folder, "pki", "issue", f"{name}.yaml", ".", name)


def repository(folder, *names):
    """A folder with these certificates, as `--repository` wants them."""
    os.makedirs(f"{folder}/repository", exist_ok=True)
    for name in names:
        known = its(folder, "id", f"{name}.oer").split()[0]
        with open(f"{folder}/{name}.oer", "rb") as f:
            data = f.read()
        with open(f"{folder}/repository/{known}.oer", "wb") as f:
            f.write(data)
