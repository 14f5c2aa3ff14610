#!/usr/bin/env python3
"""What the slowest pages of a paced run met, from the kernel's own records.

    analyse.py ours FOLDER        FOLDER has <subject>-paced-pages.csv (run paced --every-page), perf.data and ps.txt:

    perf record -a -k CLOCK_MONOTONIC -m 2048 -o perf.data \
        -e sched:sched_switch,syscalls:sys_enter_fdatasync,syscalls:sys_exit_fdatasync -- sleep 24
    ps -eo pid,ppid,comm,args > ps.txt

For each page among the slowest two in a hundred: who had the processors between the first byte of its callback and the last byte of
its answer (milliseconds of processor, of both together), and the longest flush of the write-ahead log that fell into it. Writes
<subject>-slowest.csv, and says on standard output what the middle fifth of the pages had, and the slowest.
"""
import bisect, collections, csv, re, subprocess, sys

subject, folder = sys.argv[1], sys.argv[2]
pages = sorted((int(row['sentAt']), float(row['milliseconds'])) for row in csv.DictReader(open(f'{folder}/{subject}-paced-pages.csv')))
names = {}
for line in open(f'{folder}/ps.txt'):
    fields = line.split(None, 3)
    if fields[0].isdigit():
        names[int(fields[0])] = fields[3].strip()

event = re.compile(r'^\s*(.+?)\s+(\d+)/(\d+)\s+\[(\d+)\]\s+(\d+)\.(\d+):\s+(\S+):\s*(.*)$')
switch = re.compile(r'prev_comm=(.*?) prev_pid=(\d+) .*next_comm=(.*?) next_pid=(\d+)')
running, runs, process_of, entered, flushes, first, last = {}, [], {}, {}, [], None, None
script = ['perf', 'script', '-i', f'{folder}/perf.data', '-F', 'comm,pid,tid,cpu,time,event,trace', '--ns']
for line in subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout:
    if not (found := event.match(line)):
        continue
    _, process, thread, cpu, seconds, fraction, name, trace = found.groups()
    at = int(seconds) * 10**9 + int(fraction.ljust(9, '0')[:9])
    first, last = first or at, at
    process_of[int(thread)] = int(process)
    if 'sched_switch' in name and (who := switch.search(trace)):
        if cpu in running:
            runs.append((running[cpu][0], at, int(who.group(2)), who.group(1)))
        running[cpu] = (at, int(who.group(4)), who.group(3))
    elif 'sys_enter_fdatasync' in name:
        entered[thread] = at
    elif 'sys_exit_fdatasync' in name and thread in entered:
        flushes.append((entered.pop(thread), at, int(process)))
runs.sort(), flushes.sort()

# Who flushes once for each payment settles payments; the other connections of LongPoll do tickets and book-keeping. Node has one kind.
often = collections.Counter(process for _, _, process in flushes)
client = {process for process, line in names.items() if 'postgres: postgres' in line}
door = {process for process in client if subject != 'ours' or often[process] >= max(often.values()) / 20}
classes = ['server', 'server: collector', 'postgres: payments', 'postgres: tickets, book-keeping', 'postgres: its own workers', 'redis', 'runner', 'else', 'idle']


def class_of(thread, comm):
    process = process_of.get(thread, thread)
    line = names.get(process, '')
    if thread == 0:
        return 'idle'
    if comm == 'postgres':
        return 'postgres: payments' if thread in door else 'postgres: tickets, book-keeping' if thread in client else 'postgres: its own workers'
    if 'LongPoll.Server.dll' in line:
        return 'server: collector' if 'GC' in comm else 'server'
    if 'server.js' in line:
        return 'server'
    return 'runner' if 'LongPoll.LoadTests' in line else 'redis' if comm.startswith('redis') else 'else'


def overlapping(spans, begins, a, b):
    # No span is longer than this.
    for span in spans[bisect.bisect_left(begins, a - 500_000_000):]:
        if span[0] >= b:
            return
        if (both := min(span[1], b) - max(span[0], a)) > 0:
            yield both / 1e6, span


run_begins, flush_begins = [run[0] for run in runs], [flush[0] for flush in flushes]


def met_by(page):
    a, b = page[0], int(page[0] + page[1] * 1e6)
    used = dict.fromkeys(classes, 0.0)
    for took, run in overlapping(runs, run_begins, a, b):
        used[class_of(run[2], run[3])] += took
    longest = {True: 0.0, False: 0.0}
    for took, flush in overlapping(flushes, flush_begins, a, b):
        longest[flush[2] in door] = max(longest[flush[2] in door], took)
    return [page[1], *used.values(), longest[True], longest[False]]


def mean(rows):
    return [sum(column) / len(rows) for column in zip(*rows)]


recorded = sorted((page for page in pages if page[0] > first and page[0] + page[1] * 1e6 < last), key=lambda page: page[1])
count = len(recorded)
slow = recorded[-(count // 50):][::-1]
middle = mean([met_by(page) for page in recorded[count * 2 // 5:count * 3 // 5]])
rows = [met_by(page) for page in slow]
tally = collections.Counter()
with open(f'{folder}/{subject}-slowest.csv', 'w', newline='') as file:
    table = csv.writer(file)
    table.writerow(['sentAt', 'milliseconds', *classes, "longest flush of a payment's commit", 'longest flush of another', 'met'])
    for page, row in zip(slow, rows):
        used = dict(zip(classes, row[1:]))
        met = [what for what, is_so in [
            ('collection', used['server: collector'] > 1),
            ('flush of 1 ms more than usual', row[-2] > middle[-2] + 1),
            ('tickets and book-keeping', used['postgres: tickets, book-keeping'] > 0.5),
            ("PostgreSQL's own workers", used['postgres: its own workers'] > 0.5),
            ("threads of the system's kernel, for 1 ms and more", used['else'] > 1),
            ('both processors idle for most of it', used['idle'] > 1.5 * page[1])] if is_so] or ['none of these']
        tally.update(met)
        table.writerow([page[0], *(round(value, 3) for value in row), ' + '.join(met)])

settling = sorted((end - begin) / 1e6 for begin, end, process in flushes if process in door)
print(f'{subject}: {count} pages in the record, p50 {recorded[count // 2][1]:.2f}, p99 {recorded[int(count * 0.99)][1]:.2f} ms; the slowest {len(slow)} took {slow[-1][1]:.2f} ms and more')
print(f'{len(settling)} flushes of payments: median {settling[len(settling) // 2]:.2f}, one in a hundred {settling[int(len(settling) * 0.99)]:.2f}, one in two hundred {settling[int(len(settling) * 0.995)]:.2f} ms and more')
print(' | '.join(['mean, ms', 'callback to answer', *classes, "longest flush of a payment's commit", 'of another']))
for name, means in [('middle fifth', middle), ('slowest two in a hundred', mean(rows)), ('slowest hundredth', mean(rows[:count // 100]))]:
    print(' | '.join([name, *(f'{value:.2f}' for value in means)]))
for what, times in tally.most_common():
    print(f'{times} of {len(slow)} met: {what}')
