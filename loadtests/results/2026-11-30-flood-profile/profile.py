#!/usr/bin/env python3
"""Who had the processors during a recorded time, from `perf script` of a record made with

    DOTNET_PerfMapEnabled=1 DOTNET_EnableWriteXorExecute=0   (the server's environment)
    perf record -a -F 1999 -e cpu-clock -g -o perf.data -- sleep N

profile.py FOLDER SERVER-PID: tables on standard output; the owner of a stack is the library whose method stands nearest to the sample."""
import collections, re, subprocess, sys
folder, server = sys.argv[1], int(sys.argv[2])
owners = [('LongPoll', r'LongPoll'), ('StackExchange.Redis', r'StackExchange'), ('Npgsql', r'Npgsql'), ('Dapper', r'Dapper'),
          ('Kestrel and ASP.NET Core', r'AspNetCore'), ('System.Text.Json', r'System\.Text\.Json'), ('sockets of System.*', r'System\.Net\.Sockets'),
          ('thread pool', r'ThreadPool')]
comm_all, head, frames = collections.Counter(), None, []
threads, leaves, owner, pg = collections.Counter(), collections.Counter(), collections.Counter(), collections.Counter()
def done():
    if head is None: return
    comm, pid = head
    comm_all[comm] += 1
    symbols = [f[0] for f in frames]; dsos = [f[1] for f in frames]
    if comm == 'postgres' and symbols:
        kernel = 'kernel' in dsos[0]
        call = next((s for s, d in frames if 'kernel' not in d), '?') if not kernel else 'kernel: ' + next((s for s in symbols if s.startswith(('__x64_sys', '__sys', 'do_syscall', 'asm_'))), symbols[0])
        pg[call] += 1
    if pid != server: return
    threads[comm] += 1
    if not frames: return
    leaf = 'kernel' if 'kernel' in dsos[0] else 'compiled code' if 'perf-' in dsos[0] or 'memfd:doublemapper' in dsos[0] else dsos[0].split('/')[-1]
    leaves[leaf] += 1
    if 'GC' in comm: owner['collector'] += 1; return
    if 'Tiered' in comm: owner['compiling'] += 1; return
    for s, d in frames:
        for name, pattern in owners:
            if re.search(pattern, s): owner[name] += 1; return
    owner['none told (' + leaf + ')'] += 1
line_head = re.compile(r'^(.+?)\s+(\d+)/(\d+)\s*$')
for line in subprocess.Popen(['perf', 'script', '-i', f'{folder}/perf.data', '-F', 'comm,pid,tid,ip,sym,dso'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors='replace').stdout:
    if not line.strip():
        done(); head, frames = None, []
    elif not line.startswith('\t'):
        comm, pid, _ = line_head.match(line.strip()).groups()
        head, frames = (comm, int(pid)), []
    else:
        part = line.strip().split(' ', 1)
        if len(part) == 2:
            sym, _, dso = part[1].rpartition(' (')
            frames.append((sym, dso.rstrip(')')))
done()
def table(title, counter, most=25):
    total = sum(counter.values())
    print(f'\n# {title}: {total} samples')
    for name, n in counter.most_common(most): print(f'{n:8d} {100 * n / total:5.1f}%  {name}')
table('both processors, by thread name', comm_all); table('server, by thread', threads); table('server, by where the sample fell', leaves)
table('server, by owner', owner); table('PostgreSQL, by function (kernel: by system call)', pg, 40)
