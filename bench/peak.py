"""How much memory a program takes at most, with the processes it starts."""

import subprocess
import time
from contextlib import suppress

import psutil


def bytes_until_end(process: "subprocess.Popen[str]", every: float) -> int:
    """Waits for its end, looking every so many seconds; pages that two share count twice."""
    mother, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            family = (mother, *mother.children(recursive=True))
            peak = max(peak, sum(one.memory_info().rss for one in family))
        time.sleep(every)
    return peak
