"""What processes take: whole commands, and the memory of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

# Runs a command and tells its seconds and the most megabytes that it held. In a small process of its own, since a new
# process counts as its own what the one held that began it.
_WATCH = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
print(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e6)
"""


class Cost(NamedTuple):
    """What a command took: its time, and the most memory that it, or the largest process it started, ever held."""

    seconds: float
    megabytes: float


def run_command(*command: str) -> None:
    """Run a command to its end; what it prints is dropped."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def cost_of(*command: str, **variables: str) -> Cost:
    """What a command takes, with some variables of the environment."""
    watched = [sys.executable, "-c", _WATCH, *command]
    done = subprocess.run(watched, check=True, capture_output=True, text=True, env=os.environ | variables)
    return Cost(*map(float, done.stdout.split()))


def resident() -> float:
    """Megabytes that this process holds in memory now; where the system does not say, the most it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak()
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak() -> float:
    """The most megabytes that this process ever held; where the system does not say, what began it counts too."""
    try:
        [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    except OSError:
        pass
    else:
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
