#!/usr/bin/env bash
# LongPoll beside what a user would pick instead, on one machine, in one run: every subject in turn, and again, so that
# whatever drifts hits all alike. Ends with a table, a plot and the list of goals, met or not.
#
#   loadtests/compare.sh                 three repetitions, about an hour; results in loadtests/results/
#   loadtests/compare.sh --quick         one repetition with a tenth of the pages: tries everything, proves nothing
#   REPETITIONS=5 OUT=/tmp/peers loadtests/compare.sh
#   SUBJECTS="ours node" SCENARIOS="paced flood" loadtests/compare.sh
#
# Brings what it needs: the .NET 10 SDK and Node 20 must be there; PostgreSQL 15 or newer, Redis and nginx with nchan are
# installed where this is root on Debian or Ubuntu. Every subject gets a PostgreSQL (fsync on) and a Redis of its own.
# Exit code: 0 when every page was answered and every goal that was measured is met, 1 when not, 2 when something is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

repetitions=${REPETITIONS:-3} waiters=5000 fanout=1000 warm_up=20000 raw=1100
subjects=${SUBJECTS:-ours node nchan nchan-redis floor}
read -ra scenarios <<<"${SCENARIOS:-paced flood fanout hold}"
while (($#)); do
  case $1 in
    --quick) repetitions=1 waiters=500 fanout=100 warm_up=500 raw=300 ;;
    -h | --help) sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit ;;
    *) printf 'compare.sh: unknown option %s (try --help)\n' "$1" >&2; exit 2 ;;
  esac
  shift
done
out=${OUT:-loadtests/results/$(date -u +%Y-%m-%d)-peers}

missing() { printf 'compare.sh: %s\n' "$*" >&2; exit 2; }

bring() {
  local packages=() name
  [[ $'\n'$(dotnet --list-sdks 2>/dev/null) == *$'\n'10.* ]] || missing 'the .NET 10 SDK is missing'
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || packages+=(postgresql)
  command -v redis-server >/dev/null || command -v valkey-server >/dev/null || packages+=(redis-server)
  if [[ $subjects == *nchan* && ! -e /usr/lib/nginx/modules/ngx_nchan_module.so ]]; then packages+=(nginx libnginx-mod-nchan); fi
  if [[ $subjects == *node* ]]; then for name in node npm; do command -v "$name" >/dev/null || missing "$name is missing: Node 20 or newer"; done; fi
  ((${#packages[@]})) || return 0
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then missing "install ${packages[*]}, or run this as root on Debian or Ubuntu"; fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q && apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "${packages[@]}"
}

# A developer's own settings must not reach the servers.
while read -r name; do unset "$name"; done < <(compgen -e | grep -E '__|^(ASPNETCORE|DOTNET)_(URLS|ENVIRONMENT)$|^CRON_SECRET$' || true)
bring
dotnet build -c Release --nologo -v q src/LongPoll.Server
dotnet build -c Release --nologo -v q loadtests/LongPoll.LoadTests
if [[ $subjects == *node* ]]; then npm ci --prefix loadtests/baseline-node --omit=dev --no-audit --no-fund --loglevel=error; fi
load() { dotnet loadtests/LongPoll.LoadTests/bin/Release/net10.0/LongPoll.LoadTests.dll "$@"; }

rm -rf "$out"
mkdir -p "$out"
code=0
for ((repetition = 1; repetition <= repetitions; repetition++)); do
  for subject in $subjects; do
    printf '== repetition %s of %s: %s\n' "$repetition" "$repetitions" "$subject"
    load run "${scenarios[@]}" --start "$subject" --waiters "$waiters" --fan-out "$fanout" --warm-up "$warm_up" --out "$out/rep$repetition" || code=$?
    ((code < 2)) || missing "$subject could not be measured"
  done
  if [[ $subjects == *ours* ]]; then
    printf '== repetition %s of %s: the raw floor\n' "$repetition" "$repetitions"
    load raw --waiters "$raw" --out "$out/rep$repetition"
  fi
done
load table "$out" || code=1
exit "$code"
