#!/usr/bin/env bash
# The test command: brings what is missing, builds once, runs every suite and ends with "N passed, N failed".
#
#   tests/run.sh                              everything
#   tests/run.sh LongPoll.Tests format        only these suites
#   tests/run.sh --filter WaitTests           only tests whose full name contains this
#   tests/run.sh --filter '/*/*/WaitTests/*'  the same in xunit's query language (begins with a slash)
#   tests/run.sh --seed 7                     xunit's tests in another order: the seed (or LONGPOLL_TESTS_SEED) shuffles it, and is 1 unless given
#   tests/run.sh --list                       the names of the suites
#
# Exit code 0 only when something passed and nothing failed. A suite that crashes, runs out of time or runs no test
# is a failure; so is a skipped test. Reports and logs stay in tests/TestResults; everything else is removed.
#
# What the tests are handed:
#   LONGPOLL_TEST_POSTGRES   Npgsql connection string of a superuser of a server of this run's own
#   LONGPOLL_TEST_REDIS      host:port of a Redis of this run's own
#   LONGPOLL_TEST_PSQL_BIN   directory of initdb, postgres, …: for tests that start and kill their own server
#                            (PostgreSQL refuses root: as root start it as the user postgres, as as_postgres below does)
#   LONGPOLL_TEST_REDIS_BIN  path of redis-server, for the same
#   LONGPOLL_TEST_CHROMIUM   path of Chromium, and
#   LONGPOLL_TEST_NGINX      path of nginx, for the suite `page`
#
# What may be asked for: LONGPOLL_FAULTS=all plays the suites that kill servers in their long form, and
# LONGPOLL_FAULTS_SEED repeats a short one.
# shellcheck disable=SC2317 # much here is called by name: suites, needs, traps
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
results=$root/tests/TestResults

# ---- The suites, one line each: name, report, time limit in seconds, needs, command --------------------------------
# report: `junit` when the command writes one to $report, `exit` when the exit code is one test.
# needs:  any of the keys of `packages`, `node` and `build`.
suites() {
  suite format                    exit  300 "build"                 dotnet format LongPoll.sln --verify-no-changes --no-restore
  suite LongPoll.Tests            junit 300 "build"                 xunit LongPoll.Tests
  suite payment                   junit 300 "node build"            payment
  suite web                       junit 900 "node"                  web
  suite page                      junit 600 "node build postgres redis chromium nginx" page
  # Ten minutes, and up to fourteen on a slow machine. With every fault, where LONGPOLL_FAULTS=all asks for it, a quarter of an hour more.
  suite LongPoll.IntegrationTests junit "$([[ ${LONGPOLL_FAULTS:-} == all ]] && say 2700 || say 1200)" "build postgres redis zbar"  xunit LongPoll.IntegrationTests
}
build_limit=900

# ---- What a suite may need: the Debian package, how it is found, how it is started ---------------------------------
declare -A packages=([postgres]=postgresql [redis]=redis-server [chromium]=chromium [nginx]=nginx [zbar]=zbar-tools)

find_redis() { command -v redis-server || command -v valkey-server; }

# Reads QR codes back; there is nothing to start.
find_zbar() { command -v zbarimg; }
start_zbar() { :; }

# Debian keeps the server's programs out of PATH, in a directory by version: the newest one there.
find_postgres() {
  local bin bins
  mapfile -t bins < <(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV; dirname "$(command -v initdb || echo /none/initdb)")
  for bin in "${bins[@]}"; do
    if [[ -x $bin/initdb && -x $bin/postgres ]]; then say "$bin"; return; fi
  done
  return 1
}

find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
find_nginx() { command -v nginx || { [[ -x /usr/sbin/nginx ]] && say /usr/sbin/nginx; }; }

# Programs that the tests start themselves: only their paths are handed over.
start_chromium() { LONGPOLL_TEST_CHROMIUM=$(find_chromium); export LONGPOLL_TEST_CHROMIUM; }
start_nginx() { LONGPOLL_TEST_NGINX=$(find_nginx); export LONGPOLL_TEST_NGINX; }

start_redis() {
  LONGPOLL_TEST_REDIS_BIN=$(find_redis)
  mkdir "$work/redis"
  on_free_port redis redis_on
  export LONGPOLL_TEST_REDIS_BIN LONGPOLL_TEST_REDIS=127.0.0.1:$port
}
redis_on() {
  launch "$work/redis.log" "$LONGPOLL_TEST_REDIS_BIN" --bind 127.0.0.1 --port "$1" --dir "$work/redis" --save '' --appendonly no
  ready_when grep -q 'Ready to accept connections' "$work/redis.log"
}

start_postgres() {
  LONGPOLL_TEST_PSQL_BIN=$(find_postgres)
  # A superuser may run programs, so even a throw-away server on loopback is closed to the machine's other users.
  local password
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s' "$password" >"$work/password"
  mkdir -m 700 "$work/postgres"
  if ((EUID == 0)); then chown postgres "$work/postgres" "$work/password"; fi
  (cd "$work" && as_postgres "$LONGPOLL_TEST_PSQL_BIN/initdb" --pgdata="$work/postgres" --username=postgres \
    --pwfile="$work/password" --auth=scram-sha-256 --encoding=UTF8 --no-locale --no-sync) >"$work/postgres.log" 2>&1 ||
    broken postgres 'initdb failed' "$work/postgres.log"
  on_free_port postgres postgres_on
  export LONGPOLL_TEST_PSQL_BIN
  export LONGPOLL_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres;Password=$password;Database=postgres"
}
postgres_on() {
  # No Unix socket: its path would have to be short, and the tests come by TCP.
  launch "$work/postgres.log" as_postgres "$LONGPOLL_TEST_PSQL_BIN/postgres" -D "$work/postgres" -c port="$1" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c fsync=off -c full_page_writes=off
  # The status line in its own pid file: another server on this port can not pretend.
  ready_when grep -q '^ready' "$work/postgres/postmaster.pid"
}
as_postgres() {
  if ((EUID == 0)); then
    # Not runuser: that stays in between as a parent, and a signal would have to get past it.
    exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$work" "$@"
  fi
  exec "$@"
}

# ---- xunit: the test project is a program; it writes the report itself ---------------------------------------------
xunit() {
  local options=(-noLogo -noColor -noAutoReporters -reporter verbose -jUnit "$report")
  case $filter in
    '') ;;
    /*) options+=(-filter "$filter") ;;
    *) options+=(-method "*$filter*") ;;
  esac
  LONGPOLL_TESTS_SEED=$seed dotnet "tests/$1/bin/Debug/net10.0/$1.dll" "${options[@]}"
}

# ---- web: npm and vitest, with a report of the same kind -----------------------------------------------------------
start_node() { :; }
web() { tests/web.sh "$report" "$filter"; }

# ---- payment: the script that users run against their own server, on one that it starts ------------------------------
payment() {
  if [[ -n $filter ]]; then say '<testsuites></testsuites>' >"$report"; return; fi # its checks are one story
  tests/payment-test.sh --no-build --report "$report"
}

# ---- page: the shop in Chromium, on servers that the tests start, stop and cut off -----------------------------------
page() { tests/page.sh "$report" "$filter"; }

# ---- Below: the machinery ------------------------------------------------------------------------------------------
passed=0 failed=0 filter='' seed=${LONGPOLL_TESTS_SEED:-1} work='' job='' pids=() finished='' took=0
only=() names=()

usage() { sed -n '2,/^# shellcheck/{/^# shellcheck/d; s/^# \{0,1\}//p}' tests/run.sh; }

say() { printf '%s\n' "$*"; }

# fail NAME MESSAGE [FILE-WITH-MORE]
fail() {
  failed=$((failed + 1))
  {
    say "FAILED  $1"
    say "        $2"
    if [[ -n ${3:-} && -s $3 ]]; then sed 's/^/        /' "$3"; fi
  } >>"${work:-$results}/failures"
}
broken() {
  [[ -z ${3:-} ]] || tail -n 30 "$3" >"$work/tail"
  fail "$1" "$2" "${3:+$work/tail}"
  exit 1
}

# Every background process leads a process group of its own, so that it goes with all its children,
# and so that Ctrl-C reaches this script alone, which then ends them in order.
launch() {
  local log=$1
  shift
  set -m
  (cd "$work" && "$@") </dev/null >>"$log" 2>&1 &
  set +m
  pids+=("$!")
}

ready_when() {
  local i
  for ((i = 0; i < 150; i++)); do
    kill -0 "${pids[-1]}" 2>/dev/null || return 1
    if "$@" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  return 1
}

# Between choosing a port and binding it somebody else may take it: then the server ends, and another port is tried.
on_free_port() {
  local try
  for try in 1 2 3 4 5 6 7 8; do
    port=$((20000 + RANDOM % 12000))
    if "$2" "$port"; then say "   $1 listens on $port"; return; fi
    end_group "${pids[-1]}"
  done
  broken "$1" "could not be started (tried $try times)" "$work/$1.log"
}

# end_group PID: asks, waits a moment, then ends whatever is left of the group.
end_group() {
  local i
  kill -INT -- "-$1" 2>/dev/null || return 0
  for ((i = 0; i < 50; i++)); do
    kill -0 -- "-$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# limited NAME SECONDS LOG COMMAND…: 0 or the command's exit code; 124 when time ran out.
limited() {
  local name=$1 limit=$2 log=$3 began=$SECONDS told=0 code=0
  shift 3
  set -m
  (cd "$root" && "$@") </dev/null >"$log" 2>&1 &
  job=$!
  set +m
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.2
    took=$((SECONDS - began))
    if ((took >= limit)); then
      # An interrupt first: xunit then cancels what runs and still writes its report.
      end_group "$job"
      job=''
      return 124
    fi
    if ((took - told >= 15)); then told=$took; say "   … $name: $took s of at most $limit s"; fi
  done
  wait "$job" 2>/dev/null || code=$?
  kill -KILL -- "-$job" 2>/dev/null || true # what the suite left behind
  job=''
  took=$((SECONDS - began))
  return "$code"
}

# The lines of a log that say what went wrong, where there is no report to say it.
tell_log() {
  {
    awk '/ \[STARTING\]$/ { sub(/ \[STARTING\]$/, ""); open[$0] = 1 }
         / \[FINISHED\] Time: / { sub(/ \[FINISHED\] Time: .*$/, ""); delete open[$0] }
         / \[FAIL\]$/ { print "had failed: " $0 }
         END { for (test in open) print "was running: " test }' "$1" | sed 's/:  */: /'
    grep -m1 -A6 -E '^(Unhandled exception|Process terminated|Stack overflow|Fatal error|Out of memory)' "$1" ||
      tail -n 15 "$1" | grep -v -E '\[(STARTING|FINISHED)\]' || true
  } | cut -c1-400
}

suite() {
  local name=$1 kind=$2 limit=$3 needs=$4 need code=0 counts complete=0 ok=0 bad=0 why='' log outside
  shift 4
  case $stage in
    list) names+=("$name"); return ;;
    check)
      chosen "$name" "$kind" || return 0
      for need in $needs; do wanted[$need]=1; done
      return ;;
  esac
  chosen "$name" "$kind" || return 0
  for need in $needs; do
    [[ -z ${started[$need]:-} ]] || continue
    "start_$need"
    started[$need]=1
  done

  say "== $name"
  log=$results/$name.log
  report=$results/$name.xml
  rm -f "$report"
  limited "$name" "$limit" "$log" "$@" || code=$?
  if [[ $kind == exit ]]; then
    if ((code == 0)); then passed=$((passed + 1)) ok=1
    else
      bad=1
      tail -n 60 "$log" >"$work/tail"
      fail "$name" "$(ending "$code" "$limit")" "$work/tail"
    fi
  else
    if [[ -s $report ]]; then
      outside=$(sed -n '/^    \[Test .* Failure (/,/^    [^ [].* \[[A-Z]*\]/{/ \[[A-Z]*\]$/!p}' "$log")
      counts=$(outside=$outside awk -v suite="$name" -v failures="$work/failures" -f tests/junit.awk "$report")
      read -r ok bad complete <<<"$counts"
      passed=$((passed + ok)) failed=$((failed + bad))
    fi
    if ((code == 124)); then why="$(ending "$code" "$limit"), what still ran was ended"
    elif ((!complete)); then why="crashed: $(ending "$code" "$limit"), no complete report"
    elif ((code != 0 && bad == 0)); then why="$(ending "$code" "$limit"), though no test failed"
    elif ((ok + bad == 0)) && [[ -z $filter ]]; then why='ran no tests'
    fi
    if [[ -n $why ]]; then
      if ((code == 124 && complete)); then : >"$work/tail"; else tell_log "$log" >"$work/tail"; fi
      fail "$name" "$why" "$work/tail"
      bad=$((bad + 1))
    fi
  fi
  say "   $ok passed, $bad failed, $took s"
}
ending() { if (($1 == 124)); then say "timed out after $2 s"; else say "exit code $1"; fi; }

# Is this suite to run? A filter asks for tests, so it leaves out what is one check, unless that is named.
chosen() {
  local name
  if ((${#only[@]} == 0)); then [[ -z $filter || $2 == junit ]]; return; fi
  for name in "${only[@]}"; do [[ $name != "$1" ]] || return 0; done
  return 1
}

start_build() {
  say "== build"
  local code=0
  limited build "$build_limit" "$results/build.log" \
    dotnet build LongPoll.sln --configuration Debug --nologo --verbosity quiet || code=$?
  if ((code)); then
    { grep -E '(error|warning) [A-Z]+[0-9]+' "$results/build.log" || tail -n 30 "$results/build.log"; } | sort -u | sed -n '1,60p' >"$work/tail"
    fail build "$(ending "$code" "$build_limit")" "$work/tail"
    exit 1
  fi
  say "   built, $took s"
}

# Everything that the chosen suites need is looked for before anything runs.
bring() {
  local need missing=()
  [[ $'\n'$(dotnet --list-sdks 2>/dev/null) == *$'\n'10.* ]] ||
    broken run.sh 'the .NET 10 SDK is missing: install it (Debian and Ubuntu: package dotnet-sdk-10.0; elsewhere: https://dot.net)'
  if [[ -n ${wanted[node]:-} ]] && ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
    broken run.sh 'Node.js 20.19 or newer with npm is missing: https://nodejs.org'
  fi
  for need in "${!packages[@]}"; do
    if [[ -n ${wanted[$need]:-} ]] && ! "find_$need" >/dev/null; then missing+=("${packages[$need]}"); fi
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    broken run.sh "missing: ${missing[*]}. Install it (Debian and Ubuntu: apt-get install ${missing[*]}), or run this script as root there"
  fi
  say "== installing ${missing[*]}"
  limited 'apt-get update' 300 "$work/apt.log" apt-get update -q || say '   apt-get update failed; trying with the lists that are there'
  export DEBIAN_FRONTEND=noninteractive
  limited 'apt-get install' 900 "$work/apt.log" apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" ||
    broken run.sh "apt-get install ${missing[*]} failed" "$work/apt.log"
}

at_exit() {
  local code=$? pid failures
  trap - EXIT
  trap '' INT TERM HUP PIPE
  if [[ -z $finished ]] && ((failed == 0)); then fail run.sh "stopped early with exit code $code"; fi
  [[ -z $job ]] || end_group "$job"
  for pid in "${pids[@]}"; do end_group "$pid"; done
  failures=$(<"$work/failures")
  rm -rf "$work"
  { [[ -z $failures ]] || say "$failures"; say "$passed passed, $failed failed"; } 2>/dev/null || true
  if ((code == 0 && (failed > 0 || passed == 0))); then code=1; fi
  exit "$code"
}
interrupted() { fail run.sh "interrupted by $1"; exit "$2"; }

while (($#)); do
  case $1 in
    --filter) filter=${2:?--filter needs a value}; shift ;;
    --filter=*) filter=${1#*=} ;;
    --seed) seed=${2:?--seed needs a value}; shift ;;
    --seed=*) seed=${1#*=} ;;
    --list) only=(--list) ;;
    -h | --help) usage; exit ;;
    -*) say "run.sh: unknown option $1 (try --help)" >&2; exit 2 ;;
    *) only+=("$1") ;;
  esac
  shift
done
[[ $seed =~ ^[0-9]{1,9}$ ]] || { say "run.sh: --seed takes a number, not '$seed'" >&2; exit 2; }
stage=list
suites
if [[ ${only[0]:-} == --list ]]; then printf '%s\n' "${names[@]}"; exit; fi
for name in "${only[@]}"; do
  [[ " ${names[*]} " == *" $name "* ]] || { say "run.sh: there is no suite $name; there are: ${names[*]}" >&2; exit 2; }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/longpoll-tests.XXXXXX")
trap at_exit EXIT
trap 'interrupted Ctrl-C 130' INT
trap 'interrupted SIGTERM 143' TERM
trap 'interrupted SIGHUP 129' HUP
trap 'exit 141' PIPE
: >"$work/failures"
chmod 711 "$work" # the user postgres passes through
mkdir -p "$results"
ulimit -c 0       # a test that crashes leaves no core file
umask 022

# A developer's own settings (a real provider's key, a real database) must not reach the tests.
while read -r name; do unset "$name"; done < <(compgen -e | grep -E '__|^(ASPNETCORE|DOTNET)_(URLS|ENVIRONMENT)$|^CRON_SECRET$' || true)
# No build server stays behind, and no home is needed where the user has none.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if [[ ! -w ${HOME:-/none} ]]; then mkdir "$work/home"; export HOME=$work/home; fi

declare -A wanted=() started=()
stage=check
suites
bring
stage=run
suites
((passed + failed)) || fail run.sh "ran no test${filter:+ that matches $filter}"
finished=1
exit 0
