#!/usr/bin/env python3
"""What processes did while callbacks came, from the kernel's own records.

    nodes_analyse.py FOLDER N PAYMENTS_A_SECOND     FOLDER has perf-N.data and ps-N.txt:

    perf record -a -k CLOCK_MONOTONIC -m 2048 -e sched:sched_switch,sched:sched_wakeup -o perf-N.data -- sleep 5
    ps -eo pid,ppid,comm,stat,args > ps-N.txt
"""
import collections, re, subprocess, sys
folder, number, rate = sys.argv[1], sys.argv[2], float(sys.argv[3])
names = {}
for line in open(f'{folder}/ps-{number}.txt'):
    fields = line.split(None, 4)
    if fields[0].isdigit():
        names[int(fields[0])] = (fields[3], fields[4].strip())
event = re.compile(r'^\s*(.+?)\s+(\d+)/(\d+)\s+\[(\d+)\]\s+(\d+)\.(\d+):\s+(\S+):\s*(.*)$')
switch = re.compile(r'prev_comm=(.*?) prev_pid=(\d+) .*next_comm=(.*?) next_pid=(\d+)')
wake = re.compile(r'comm=(.*?) pid=(\d+)')
process_of, running, runs, wakes, first, last = {}, {}, [], [], None, None
script = ['perf', 'script', '-i', f'{folder}/perf-{number}.data', '-F', 'comm,pid,tid,cpu,time,event,trace', '--ns']
for line in subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout:
    if not (found := event.match(line)):
        continue
    comm, process, thread, cpu, seconds, fraction, name, trace = found.groups()
    at = int(seconds) * 10**9 + int(fraction.ljust(9, '0')[:9])
    first, last = first or at, at
    process_of[int(thread)] = int(process)
    if 'sched_switch' in name and (who := switch.search(trace)):
        if cpu in running:
            runs.append((at - running[cpu], int(who.group(2)), who.group(1)))
        running[cpu] = at
    elif 'sched_wakeup' in name and (who := wake.search(trace)):
        wakes.append((comm, int(thread), who.group(1), int(who.group(2))))
def kind(thread, comm):
    process = process_of.get(thread, thread)
    line = names.get(process, ('', ''))[1]
    if thread == 0: return 'idle'
    if 'LongPoll.Server.dll' in line: return 'node: ' + re.sub(r'[ :]*\d*$', '', comm)
    if 'LongPoll.LoadTests' in line: return 'runner'
    if comm == 'postgres': return 'postgres'
    return 'redis' if comm.startswith('redis') else 'else'
seconds = (last - first) / 1e9
payments = seconds * rate
time, times, woken = collections.Counter(), collections.Counter(), collections.Counter()
for took, thread, comm in runs:
    time[kind(thread, comm)] += took / 1e6
    times[kind(thread, comm)] += 1
for a, at, b, bt in wakes:
    woken[(kind(at, a), kind(bt, b))] += 1
stand = sum('LongPoll.Server.dll' in line and 'T' not in stat for stat, line in names.values())
print(f'{stand} nodes at work, {seconds:.1f} s, {payments:.0f} payments; for one payment')
print('who | ms of processor | times it was given one')
for who, ms in time.most_common(): print(f'{who} | {ms / payments:.3f} | {times[who] / payments:.2f}')
print('woken by | woken | times')
for (a, b), n in woken.most_common(30): print(f'{a} | {b} | {n / payments:.2f}')
