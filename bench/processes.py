"""The cost of processes: whole commands, and the memory of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

# Runs a command and prints its seconds and its peak megabytes. It runs in a small process of its own, since the memory
# of a parent counts for a new process.
_WATCH = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
print(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e6)
"""


class Cost(NamedTuple):
    """The cost of a command: its time, and the peak memory of its largest process."""

    seconds: float
    megabytes: float


def run_command(*command: str) -> None:
    """Run a command to its end, and discard its output."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def cost_of(*command: str, **variables: str) -> Cost:
    """The cost of a command, with additional environment variables."""
    watched = [sys.executable, "-c", _WATCH, *command]
    done = subprocess.run(watched, check=True, capture_output=True, text=True, env=os.environ | variables)
    return Cost(*map(float, done.stdout.split()))


def resident() -> float:
    """Megabytes that this process holds in memory now, or its peak if the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak()
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak() -> float:
    """The peak memory of this process in megabytes. Without /proc, the memory of its parent may count too."""
    try:
        [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    except OSError:
        pass
    else:
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
