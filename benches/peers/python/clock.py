"""How all of them are timed; ../src/clock.rs does the same."""

import gc
import json
import math
from time import perf_counter


class Clock:
    def __init__(self, engine, threads, seconds):
        self.engine, self.threads, self.seconds = engine, threads, seconds

    def time(self, work):
        """The median of many samples in microseconds. A sample is as many calls as take at least 50 µs; before the first
        one the work is repeated for a third of the time."""
        work()
        begin, calls = perf_counter(), 0
        while calls < 2 or perf_counter() - begin < self.seconds / 3:
            work()
            calls += 1
        one = (perf_counter() - begin) * 1e6 / calls
        calls = range(max(math.ceil(50 / one), 1))
        samples = []
        gc.collect()
        gc.disable()
        begin = perf_counter()
        while len(samples) < 3 or perf_counter() - begin < self.seconds:
            start = perf_counter()
            for _ in calls:
                work()
            samples.append((perf_counter() - start) * 1e6 / len(calls))
        gc.enable()
        return sorted(samples)[len(samples) // 2]

    def show(self, name, work):
        self.print(name, self.time(work))

    def print(self, name, us, **more):
        print(json.dumps({"engine": self.engine, "work": name, "threads": self.threads, "us": us, **more}), flush=True)

    def version(self, **versions):
        """Names of what runs, with their versions."""
        print(json.dumps({"engine": self.engine, "versions": versions}), flush=True)
