#!/usr/bin/env python3
"""Which threads left a processor within 4 ms of a page's callback: share of the slow pages (2.5 to 10 ms) and of the fast ones (below 1 ms).

switches.txt.gz is `perf script -F comm,tid,cpu,time --ns` of
    perf record -a -k CLOCK_MONOTONIC -e sched:sched_switch --filter '<prev_comm is one of those below>' -- sleep 25
beside `run paced --every-page --start ours --waiters 5000 --warm-up 20000`; tracing everything else would have doubled the median."""
import bisect, collections, csv, gzip

pages = sorted((int(row['sentAt']), float(row['milliseconds'])) for row in csv.DictReader(open('ours-paced-pages.csv')))
left = collections.defaultdict(list)
for line in gzip.open('switches.txt.gz', 'rt'):
    name, _, _, seconds = line.rsplit(None, 3)
    left[name.strip()].append(int(float(seconds.rstrip(':')) * 1e9))
first, last = min(times[0] for times in left.values()), max(times[-1] for times in left.values())
slow = [at for at, took in pages if 2.5 < took < 10 and first < at < last]
fast = [at for at, took in pages if took < 1 and first < at < last]


def met(times, ats, within=4e6):
    times = sorted(times)
    return sum((n := bisect.bisect_left(times, at)) < len(times) and times[n] < at + within for at in ats) / len(ats)


print(f'{len(slow)} slow pages, {len(fast)} fast ones')
for name in sorted(left, key=lambda name: -len(left[name])):
    print(f'{name:20s} times={len(left[name]):5d} slow={met(left[name], slow):.2f} fast={met(left[name], fast):.2f}')
