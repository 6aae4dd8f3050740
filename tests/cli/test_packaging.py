# SPDX-License-Identifier: BSD-2-Clause
"""Units, configurations and completions of packaging/."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
EXPOSURE = 2.0  # of systemd-analyze, from 0 to 10
DAEMONS, BUILD = {}, Path()


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60,
                          check=False, **options)


def complete(*words):
    """What bash offers for the last of these words."""
    script = (f". {PACKAGING}/completions/covey.bash; COMP_WORDS=(\"$@\"); "
              "COMP_CWORD=$(($# - 1)); _covey; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = run("bash", "-c", script, "bash", *words,
               env=path())
    return done.stdout.split()


def path():
    return {**os.environ, "PATH": ":".join(
        [*map(str, (BUILD / "apps").glob("covey*")), os.environ["PATH"]])}


# A shell that somebody types into: Tab, and then the line is printed.
ZSH = r"""
zmodload zsh/zpty
zpty shell "TERM=dumb PS1= zsh -f -i"
zpty -w shell 'fpath=('$1' $fpath); autoload -Uz compinit; compinit -D -u
    stty -echo; print rea""dy'
zpty -r shell got '*ready*'
shift
for line; do
    zpty -w -n shell "$line"$'\t'
    zpty -w shell $'\x01print -r -- "<\x05>"'
    zpty -r shell got $'*\n<*>*'
    print -r -- ${${got##*$'\n'<}%%>*}
done
zpty -d shell
"""


class Packaging(unittest.TestCase):
    def test_each_daemon_has_all_its_files(self):
        for name, program in DAEMONS.items():
            for file in (f"systemd/{program}.service.in",
                         f"sysusers.d/{program}.conf",
                         f"tmpfiles.d/{program}.conf", f"config/{name}.yaml",
                         f"debian/{program}.install",
                         f"debian/{program}.postrm"):
                self.assertTrue((PACKAGING / file).is_file(), file)
        units = {p.name for p in (PACKAGING / "systemd").iterdir()}
        self.assertEqual({f"{p}.service.in" for p in DAEMONS.values()}, units)

    def test_every_manual_page_is_in_a_package(self):
        """debhelper would refuse it, after minutes."""
        lists = "\n".join(p.read_text("utf-8") for p in
                          (PACKAGING / "debian").glob("*.install"))
        for page in (ROOT / "docs" / "man").iterdir():
            folder = f"usr/share/man/man{page.suffix[1:]}"
            self.assertRegex(lists, rf"(?m)^{folder}(/{page.name})?$")

    def test_units_are_tight(self):
        for program in DAEMONS.values():
            done = run("systemd-analyze", "security", "--offline=true",
                       "--no-pager", BUILD / f"{program}.service")
            found = re.search(r"exposure level for \S+: ([0-9.]+)",
                              done.stdout)
            self.assertIsNotNone(found, done.stdout + done.stderr)
            self.assertLess(float(found.group(1)), EXPOSURE, program)

    def test_proxy_can_neither_read_nor_manage_groups(self):
        """What checks signatures needs of groups is in group_aad.h; nothing
        else of them is linked into a program that strangers talk to."""
        proxy = BUILD / "apps" / "covey-proxy" / "covey-proxy"
        names = run("nm", "--defined-only", proxy).stdout.split()
        self.assertIn("main", names)
        header = ROOT / "include" / "covey" / "group_aad.h"
        allowed = set(re.findall(r"covey_group_\w+",
                                 header.read_text("utf-8")))
        self.assertEqual(set(), {n.split(".")[0] for n in names if re.match(
            r"covey_(group|manager|member)_|sqlite3_", n)} - allowed)
        libraries = run("ldd", proxy).stdout
        self.assertIn("libuv", libraries)
        self.assertNotRegex(libraries, "sqlite|libpq")

    def test_server_library_shows_what_its_headers_declare(self):
        names = run("nm", "--defined-only", "--extern-only", "--format=posix",
                    BUILD / "libcovey-serve.a").stdout
        names = set(re.findall(r"^(\w+) [A-Z]", names, re.M))
        self.assertTrue({"serve_open", "loop_run", "log_write"} <= names)
        self.assertEqual(set(), {n for n in names if not re.match(
            "serve_|loop_|log_", n)})

    def test_configurations_are_good(self):
        for name, program in DAEMONS.items():
            done = run(BUILD / "apps" / program / program, "--config",
                       PACKAGING / "config" / f"{name}.yaml",
                       "--check-config")
            self.assertEqual(0, done.returncode, done.stderr)

    def test_configurations_with_what_they_propose_are_good(self):
        for name, program in DAEMONS.items():
            text = (PACKAGING / "config" / f"{name}.yaml").read_text("utf-8")
            self.assertIn("\n# status: ", text)
            done = run(BUILD / "apps" / program / program, "--config", "-",
                       "--check-config",
                       input=text.replace("\n# status: ", "\nstatus: "))
            self.assertEqual(0, done.returncode, done.stderr)

    def test_configurations_open_nothing(self):
        """Nothing listens beyond loopback unless somebody says so."""
        for name in DAEMONS:
            text = (PACKAGING / "config" / f"{name}.yaml").read_text("utf-8")
            for address in re.findall(r"\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]",
                                      text):
                self.assertIn(address, ("127.0.0.1", "[::1]"), name)

    def test_bash_completes_verbs_and_options(self):
        self.assertEqual(["schc"], complete("covey", "sch"))
        verbs = complete("covey", "")
        self.assertIn("get", verbs)
        self.assertIn("its", verbs)
        self.assertIn("why-not", complete("covey", "schc", ""))
        self.assertEqual(["--rules"],
                         complete("covey", "schc", "lint", "--ru"))
        self.assertEqual(["client", "server"], complete("covey", "tls", ""))
        self.assertIn("unprotect", complete("covey", "oscore", "un"))
        self.assertIn("--content-format",
                      complete("covey", "put", "coap://x/", "--con"))
        self.assertEqual([], complete("covey", "get", "coap://x/", "co"))

    def test_bash_completes_what_other_programs_do(self):
        """Through the verbs of covey and by their own names."""
        for line in (["covey", "audit"], ["covey-audit"]):
            self.assertTrue({"import", "lint", "report", "vuln"} <=
                            set(complete(*line, "")))
            self.assertEqual(["new", "show", "sign", "verify"],
                             complete(*line, "mandate", ""))
            self.assertEqual(["--stage"], complete(*line, "run", "--stage"))
        self.assertIn("enrol", complete("covey", "ctl", ""))
        self.assertEqual(["--check"], complete("covey-fence", "--che"))

    def fish(self, line):
        """What fish offers, without its descriptions."""
        with tempfile.TemporaryDirectory() as home:
            done = run("fish", "--no-config", "-c",
                       f"source {PACKAGING}/completions/covey.fish; "
                       "complete -C $argv[1]", line, cwd=ROOT, env={
                           **path(), "HOME": home, "XDG_DATA_HOME": home,
                           "XDG_CONFIG_HOME": home, "XDG_RUNTIME_DIR": home})
        self.assertEqual("", done.stderr)
        return [row.split("\t")[0] for row in done.stdout.splitlines()]

    def test_fish_completes_the_same(self):
        self.assertEqual(["schc"], self.fish("covey sch"))
        self.assertEqual(["client", "server"], self.fish("covey tls "))
        self.assertEqual(complete("covey-audit", "mandate", ""),
                         self.fish("covey-audit mandate "))
        self.assertCountEqual(complete("covey", "get", "-"),
                              self.fish("covey get -"))
        self.assertEqual(["--check"], self.fish("covey-fence --che"))
        self.assertIn("LICENSE", self.fish("covey schc lint LIC"))
        self.assertEqual([], self.fish("covey-not-there --"))

    def test_zsh_completes_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(PACKAGING / "completions" / "covey.zsh",
                        Path(folder) / "_covey")
            done = run("zsh", "-f", "-c", ZSH, "zsh", folder, "covey sch",
                       "covey tls cl", "covey schc lint --ru",
                       "covey-audit mandate ver", "covey-fence --che",
                       "covey schc lint LICENSE", env=path(), cwd=ROOT)
        self.assertEqual(["covey schc", "covey tls client",
                          "covey schc lint --rules",
                          "covey-audit mandate verify", "covey-fence --check",
                          "covey schc lint LICENSE"], [
            row.strip() for row in done.stdout.splitlines()], done.stderr)

    def test_completions_are_for_every_program(self):
        programs = {p.name for p in (ROOT / "apps").iterdir() if p.is_dir()}
        for shell in ("bash", "fish", "zsh"):
            text = (PACKAGING / "completions" / f"covey.{shell}").read_text(
                "utf-8")
            self.assertEqual(set(), {p for p in programs if not re.search(
                rf"[ \n]{p}[ \n]", text)}, shell)


if __name__ == "__main__":
    programs = [Path(sys.argv.pop(1)) for _ in range(3)]
    DAEMONS = {p.name.removeprefix("covey-"): p.name for p in programs}
    BUILD = Path(sys.argv.pop(1))
    unittest.main()
