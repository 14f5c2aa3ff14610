#!/usr/bin/env python3
"""Prints when a file of the write-ahead log of a load test's PostgreSQL appears (CLOCK_MONOTONIC in ns, as sentAt of the pages; its name):
xlogtemp while a segment is made, the segment itself once it is, several at once where a checkpoint keeps old ones for later.

    segments.py SECONDS     beside `run paced --every-page --start …`
"""
import glob, os, sys, time

seen, end = None, time.time() + float(sys.argv[1])
while time.time() < end:
    if folders := glob.glob('/tmp/longpoll-load-*/data/pg_wal'):
        try:
            now = {name for name in os.listdir(folders[0]) if len(name) == 24 or name.startswith('xlogtemp')}
        except FileNotFoundError:
            continue
        for name in sorted(now - seen) if seen is not None else []:
            print(time.clock_gettime_ns(time.CLOCK_MONOTONIC), name, flush=True)
        seen = now
    time.sleep(0.005)
