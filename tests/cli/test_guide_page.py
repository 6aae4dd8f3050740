# SPDX-License-Identifier: BSD-2-Clause
"""usage: test_guide_page.py BIN_DIRS INCLUDE LIBRARY PAGE.md [FOLDER]

Does what a page of docs/guide says, in one shell and a network of its own:
fenced blocks with the name of a file become that file, in blocks of `console`
lines that begin with "$ " are commands, and what follows is what they print;
"..." stands for anything, on a line of its own for any lines. What becomes of
it stays in FOLDER, which is made anew, if one is given."""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.S | re.M)


def steps(page):
    """(line, file name or None, text or command, what is expected)."""
    for block in BLOCK.finditer(page):
        kind, name, text = block.groups()
        line = page.count("\n", 0, block.start()) + 2
        if name:
            yield line, name, text, ""
        elif kind == "console":
            yield from commands(text, line)


def commands(text, line):
    command, expected, at = None, "", line
    for i, one in enumerate(text.splitlines()):
        if one.startswith("$ "):
            if command:
                yield at, None, command, expected
            command, expected, at = one[2:], "", line + i
        elif command:
            expected += one + "\n"
    if command:
        yield at, None, command, expected


def fits(expected, got):
    got += "\n" if got and not got.endswith("\n") else ""
    pattern = re.escape(expected).replace(r"\.\.\." + "\\\n", r"(?:.*\n)*")
    return re.fullmatch(pattern.replace(r"\.\.\.", ".*"), got) is not None


def script(todo):
    lines = ["set +m", "ip link set lo up"]
    for number, (_, name, text, _) in enumerate(todo):
        if name:
            lines += [f"cat >{name} <<'COVEY_END'", text + "COVEY_END"]
        else:
            lines.append(text)
        lines.append(f"echo; echo '=== {number} ==='")
    return "\n".join(lines) + "\n"


def run(todo, folder, env):
    """What was said; nothing that was started goes on after it."""
    shell = subprocess.Popen(
        ["unshare", "-Urn", "sh", "-c", script(todo)], cwd=folder,
        env=env, text=True, stdout=subprocess.PIPE, start_new_session=True,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        return shell.communicate(timeout=600)[0]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()


def main():
    binaries, include, library, path, *kept = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        todo = list(steps(file.read()))
    assert todo, "no step on this page"
    env = {**os.environ, "PATH": binaries + ":" + os.environ["PATH"],
           "COVEY_INCLUDE": include, "COVEY_LIBRARY": library}
    if kept:
        shutil.rmtree(kept[0], ignore_errors=True)
        os.makedirs(kept[0])
        said = run(todo, kept[0], env)
    else:
        with tempfile.TemporaryDirectory() as folder:
            said = run(todo, folder, env)
    pieces = re.split(r"\n=== \d+ ===\n", said)
    failed = len(pieces) != len(todo) + 1
    for (line, _, text, expected), got in zip(todo, pieces):
        if not fits(expected, got):
            failed = True
            print(f"{path}:{line}: {text}\nexpected:\n{expected}got:\n{got}")
    print(f"{path}: {len(todo)} steps")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    if subprocess.run(["unshare", "-Urn", "true"],
                      check=False).returncode != 0:
        print("SKIPPED: this system allows no user namespaces")
        sys.exit(77)
    main()
