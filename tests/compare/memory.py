"""The highest anonymous memory of a command: RssAnon + RssShmem of its process tree, file pages left out.

usage: memory.py COMMAND [ARGUMENT ...]
"""

import subprocess
import sys
import time


def tree(pid: int) -> list[int]:
    found = [pid]
    for p in found:
        try:
            with open(f"/proc/{p}/task/{p}/children") as f:
                found += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return found


def anonymous(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status") as f:
            return sum(int(line.split()[1]) for line in f if line.startswith(("RssAnon", "RssShmem")))
    except OSError:
        return 0


def main(command: list[str]) -> int:
    started = time.monotonic()
    process = subprocess.Popen(command)
    highest = 0
    while process.poll() is None:
        highest = max(highest, sum(anonymous(p) for p in tree(process.pid)))
        time.sleep(0.002)
    print(f"highest RssAnon + RssShmem {highest / 1024:.0f} MiB in {time.monotonic() - started:.2f} s", file=sys.stderr)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
