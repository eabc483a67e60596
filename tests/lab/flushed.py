#!/usr/bin/env python3
"""flushed.py STRACE FOLDER: in a trace made with strace -y, each file under FOLDER that was written is fsynced before a
rename makes it (or its folder) visible, and the folder a rename or a link changed is fsynced afterwards."""
import os, re, sys

dirty, folders, bad, renames = set(), set(), [], 0
top = os.path.realpath(sys.argv[2])


def path(s):
    """of a *at() call's pair: 5</dir>, "name"  or a plain "name" """
    m = re.match(r'(?:(?:AT_FDCWD|\d+)(?:<([^>]*)>)?, )?"([^"]*)"', s)
    return os.path.normpath(os.path.join(m[1] or "/", m[2])) if m else ""


for ln in open(sys.argv[1], errors="replace"):
    m = re.match(r"\d+ +(\w+)\((.*)\) += (-?\d+)", ln)
    if not m or m[3].startswith("-"):
        continue
    call, args = m[1], m[2]
    fd = re.match(r"\d+<([^>]*)>", args)
    if call in ("write", "pwrite64") and fd and fd[1].startswith(top):
        dirty.add(fd[1])
    elif call in ("fsync", "fdatasync") and fd:
        dirty.discard(fd[1])
        folders.discard(fd[1])
    elif call.startswith("rename"):
        a, b = re.match(r'((?:(?:AT_FDCWD|\d+)(?:<[^>]*>)?, )?"[^"]*"), (.*)', args).groups()
        a, b = path(a), path(b)
        if not b.startswith(top):
            continue
        renames += 1
        bad += [f"{d} is not flushed when {a} is renamed to {b}" for d in dirty if d == a or d.startswith(a + "/")]
        folders.add(os.path.dirname(b))
        dirty = {b + d[len(a):] if d == a or d.startswith(a + "/") else d for d in dirty}
for d in folders:
    bad.append(f"{d} is not flushed after a rename in it")
print("\n".join(bad), f"{renames} renames")
sys.exit(bool(bad) or not renames)
