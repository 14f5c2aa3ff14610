#!/usr/bin/env bash
# The suite `page` of tests/run.sh: the shop in Chromium, on running servers.
#
#   tests/page.sh REPORT [FILTER]
#
# Packages are installed where the lock file is newer than what is there, and the shop is built as it stands. What
# fails before the tests, and figures that the tests print, stand in the log.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../src"
report=$1 filter=${2:-}
export npm_config_update_notifier=false NO_COLOR=1

if [[ $filter == /* ]]; then # a question in xunit's language: no test here answers to it
  echo '<testsuites></testsuites>' >"$report"
  exit
fi
if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
  npm ci --no-audit --no-fund
  touch node_modules/.package-lock.json
fi
options=(run --config vitest.browser.config.ts --reporter=default --reporter=junit "--outputFile.junit=$report")
if [[ -n $filter ]]; then
  options+=(--passWithNoTests --testNamePattern "$(sed 's/[][\.*^$+?(){}|/-]/\\&/g' <<<"$filter")")
  # Nothing is started for a filter that asks for other tests.
  grep -rqsF -- "$filter" demo-shop/tests/browser || { echo '<testsuites></testsuites>' >"$report"; exit; }
fi
npm run --silent build

cd demo-shop
code=0
npx --no-install vitest "${options[@]}" || code=$?
# What a filter leaves out, vitest reports as skipped.
if [[ -n $filter && -s $report ]]; then sed -i -e '/<testcase/{N;/<skipped\/>/{N;d}}' "$report"; fi
exit "$code"
