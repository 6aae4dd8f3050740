# SPDX-License-Identifier: BSD-2-Clause
"""The last part of ./demo: the road is audited under a mandate that its owner
and the auditor have signed, and the owner withdraws it in the middle."""
import datetime
import json
import os
import subprocess
import time

AUDITOR = 5
PORT = 5683
PACE = 12  # packets a second: it takes a while, so that it can be withdrawn
PATIENCE = 30  # s
REFUSED, STOPPED = 3, 5


def when(seconds):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(seconds=seconds)).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


class Audit:
    """Of the hosts (numbers) of the road but those that are excluded."""

    def __init__(self, road, hosts, excluded):
        self.road, self.hosts, self.excluded = road, hosts, excluded
        self.evidence = road.folder / "evidence"
        self.keys = {who: self.key(who) for who in ("owner", "auditor")}

    def audit(self, *args, status=0):
        done = subprocess.run(
            ["ip", "netns", "exec", f"n{AUDITOR}",
             self.road.program("covey-audit"), *args], cwd=self.road.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            check=False, timeout=60)
        if done.returncode != status:
            raise SystemExit(f"demo: covey-audit {' '.join(args)}: status "
                             f"{done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def key(self, who):
        path = self.road.folder / f"{who}.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out",
                        path], check=True, stderr=subprocess.DEVNULL)
        os.chmod(path, 0o600)
        return self.audit("key", path.name).strip()

    def sign(self, name, document, *people):
        """An envelope, signed by one after the other."""
        path = self.road.write(name + ".json", json.dumps(document))
        for who in people:
            self.audit("mandate", "sign", "--key", f"{who}.pem", "-o",
                       f"{name}.dsse", path)
            path = f"{name}.dsse"

    def mandate(self):
        """The form that `covey audit mandate new` prints, filled in."""
        m = json.loads(self.audit("mandate", "new", "--lang", "en"))
        m["id"] = "MND-ROAD-1"
        m["principal"]["key"] = self.keys["owner"]
        m["auditor"]["key"] = self.keys["auditor"]
        m["auditor"]["source"] = [f"fd77::{AUDITOR}"]
        m["window"] = [{"from": when(-60), "to": when(900)}]
        m["scope"] = [{"clause": f"S{host}", "net": f"fd77::{host}",
                       "proto": "udp", "ports": str(PORT)}
                      for host in self.hosts]
        m["exclude"] = [{"net": f"fd77::{host}"} for host in self.excluded]
        m["techniques"] = ["services.coap", "services.coap.observe"]
        m["limits"].update(pps=PACE, bytes_s=100 * PACE,
                           packets_per_target=60, stop_if_silent_s=2)
        return m

    def prepare(self):
        """What the mandate amounts to."""
        m = self.mandate()
        self.road.write("owners.yaml", json.dumps({"owners": [
            {"name": "the road", "key": self.keys["owner"],
             "prefixes": ["fd77::/64"]}]}))
        self.sign("mandate", m, "owner", "auditor")
        self.sign("withdrawal", {"withdraws": m["id"], "by": "the owner"},
                  "owner")
        return json.loads(self.audit(
            "plan", "--owners", "owners.yaml", "--json", "mandate.dsse",
            status=3 if self.excluded else 0))

    def run(self, *more):
        return subprocess.Popen(
            ["ip", "netns", "exec", f"n{AUDITOR}",
             self.road.program("covey-audit"), "run", "--owners",
             "owners.yaml", "--key", "auditor.pem", "--state", "audit-state",
             *more, "mandate.dsse"], cwd=self.road.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def record(self, kind=None):
        """The lines of the record so far; the last may not be complete."""
        path = self.evidence / "acts.log"
        text = path.read_text("ascii") if path.exists() else ""
        rows = [json.loads(line) for line in text.split("\n")[:-1]]
        return [r for r in rows if kind in (None, r["kind"])]

    def done_hosts(self):
        """Hosts that the next one has been begun after."""
        seen = []
        for row in self.record("intent"):
            if row["target"] not in seen:
                seen.append(row["target"])
        return len(seen) - 1

    def until_half(self, process):
        until = time.monotonic() + PATIENCE
        half = (len(self.hosts) - len(self.excluded)) // 2
        while self.done_hosts() < half:
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                raise SystemExit("demo: covey-audit run: " +
                                 process.communicate()[0])
            time.sleep(0.02)

    def withdrawn(self):
        """Runs, and is withdrawn in the middle: how many milliseconds it
        takes from the owner's word to the end."""
        process = self.run("--evidence", self.evidence.name)
        self.until_half(process)
        begin = time.monotonic()
        self.audit("revoke", "--state", "audit-state", "mandate.dsse",
                   "withdrawal.dsse")
        said, _ = process.communicate(timeout=PATIENCE)
        took = round((time.monotonic() - begin) * 1000)
        if process.returncode != STOPPED:
            raise SystemExit(f"demo: covey-audit run: status "
                             f"{process.returncode}\n{said}")
        return took

    def once_more(self):
        """What another run is told."""
        process = self.run("--evidence", "evidence-again")
        said, _ = process.communicate(timeout=PATIENCE)
        if process.returncode != REFUSED:
            raise SystemExit(f"demo: covey-audit run: status "
                             f"{process.returncode}\n{said}")
        return said.strip().splitlines()[0].partition(": ")[2]

    def verified(self):
        """The last line of what covey audit verify says."""
        return self.audit("verify", "--owners", "owners.yaml",
                          self.evidence.name).strip().splitlines()[-1]


def hosts_of(rows, names):
    return sorted({names(r["target"]) for r in rows})


def tell_plan(tell, plan, names):
    allowed = [a for a in plan["acts"] if a["reason"] == "ALLOWED"]
    refused = [a for a in plan["acts"] if a["reason"] != "ALLOWED"]
    tell("the owner and the auditor have signed; that allows "
         f"{', '.join(hosts_of(allowed, names))}, at most {plan['packets']} "
         f"packets, {PACE} a second", packets_allowed=plan["packets"])
    for name in hosts_of(refused, names):
        tell(f"{name} is excluded, and the gate refuses it", excluded=name)


def tell_findings(tell, audit, names):
    targets = {r["act"]: r["target"] for r in audit.record("intent")}
    where = {}
    for r in audit.record("result"):
        for f in r["findings"]:
            where.setdefault((f["finding"], f["title"]), []).append(
                {"target": targets[r["act"]]})
    for (finding, title), rows in sorted(where.items()):
        hosts = hosts_of(rows, names)
        tell(f"found: {title} ({finding}) at {', '.join(hosts)}",
             finding=finding, hosts=hosts)


def story(tell, road, hosts, excluded, names):
    """Said with tell(text, **facts); names(target) is a host's name. The
    frames that were on the wire meanwhile are road.capture's."""
    audit = Audit(road, hosts, excluded)
    plan = audit.prepare()
    tell_plan(tell, plan, names)
    capture = road.capture("audit.pcap")
    took = audit.withdrawn()
    source = bytes.fromhex("fd77") + bytes(12) + AUDITOR.to_bytes(2, "big")
    wire = sum(f[0] == 17 and f[1] == source for f in capture.end())
    end = audit.record("end")[0]
    begun = hosts_of(audit.record("intent"), names)
    planned = hosts_of([a for a in plan["acts"] if a["reason"] == "ALLOWED"],
                       names)
    tell(f"the owner withdraws while {begun[-1]} is looked at: after {took} "
         f"ms the run has ended; not a packet went to "
         f"{' and '.join(sorted({*planned} - {*begun}))}", took_ms=took,
         cut_off=sorted({*planned} - {*begun}))
    tell(f"{end['acts']} acts, {end['packets']} packets by the record, {wire} "
         "on the wire", acts=end["acts"], packets=end["packets"], wire=wire)
    tell_findings(tell, audit, names)
    tell(audit.verified())
    road.write("report.html", audit.audit("report", "--owners", "owners.yaml",
                                          audit.evidence.name))
    tell("once more under this mandate: " + audit.once_more())
