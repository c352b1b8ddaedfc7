"""Processor time of this process, and the line that `bench-render` reads."""

import json
import resource
import sys
import time
from collections.abc import Callable


def timed(work: Callable[[], None]) -> dict[str, float]:
    """User and system time of all threads of this process, and wall time, that `work` took."""
    before, began = _cpu_s(), time.perf_counter()
    work()
    return {"cpu_s": _cpu_s() - before, "wall_s": time.perf_counter() - began}


def report(line: dict) -> None:
    """Prints the result as the last line; libraries may have written before."""
    sys.stdout.flush()
    print("\n" + json.dumps(line), flush=True)


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
