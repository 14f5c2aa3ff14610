#!/usr/bin/env bash
# The suite `web` of tests/run.sh: install, lint, types, unit tests, build and the checks of the package.
#
#   tests/web.sh REPORT [FILTER]
#
# Every step is a test of its own in the JUnit report, beside the unit tests that vitest reports. Each runs even where
# one before it failed, but without packages none can. With a FILTER only unit tests whose name contains it run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../src" || exit 1
report=$1 filter=${2:-}
parts=$(mktemp -d "${TMPDIR:-/tmp}/longpoll-web.XXXXXX")
trap 'rm -rf "$parts"' EXIT
export npm_config_update_notifier=false NO_COLOR=1

# step NAME DIRECTORY COMMAND…
step() {
  local name=$1 directory=$2 code=0 began=$SECONDS
  shift 2
  echo "-- $name"
  (cd "$directory" && "$@") >"$parts/log" 2>&1 || code=$?
  cat "$parts/log"
  {
    printf '<testcase classname="web" name="%s" time="%s">' "$name" "$((SECONDS - began))"
    if ((code)); then
      # Control characters and the end of a section have no place in XML.
      printf '<failure message="exit code %s"><![CDATA[%s]]></failure>' "$code" \
        "$(tail -n 40 "$parts/log" | tr -cd '\11\12\15\40-\176' | sed 's/]]>/]] >/g')"
    fi
    printf '</testcase>\n'
  } >>"$parts/steps"
  return "$code"
}

unit() {
  local options=(run --reporter=default --reporter=junit --outputFile.junit="$parts/unit.xml")
  if [[ -n $filter ]]; then
    options+=(--passWithNoTests --testNamePattern "$(sed 's/[][\.*^$+?(){}|/-]/\\&/g' <<<"$filter")")
  fi
  npx --no-install vitest "${options[@]}"
}

# Failed tests are the report's to tell. What fails outside of any test (a crash, an unhandled error) is told here.
unit_tests() {
  echo '-- vitest'
  unit || grep -qs '<failure' "$parts/unit.xml" || step 'vitest ends well' . false
}

: >"$parts/steps"
if [[ $filter == /* ]]; then
  : # a question in xunit's language: no test here answers to it
elif [[ -n $filter ]]; then
  step 'npm ci' . npm ci --no-audit --no-fund && unit_tests
elif step 'npm ci' . npm ci --no-audit --no-fund; then
  # First of all: the shop is checked against the package as it is built.
  step 'build' . npm run --silent build
  step 'eslint' . npm run --silent lint
  step 'types' . npm run --silent typecheck
  unit_tests
  step 'publint' longpoll-react npm run --silent check:package
  step 'types of the package (attw)' longpoll-react npm run --silent check:types
  step 'size of the package' longpoll-react npm run --silent check:size
fi

{
  echo '<testsuites>'
  # With a filter the steps only count when one failed.
  if [[ -z $filter ]] || grep -q '<failure' "$parts/steps"; then
    echo '<testsuite name="web">'
    cat "$parts/steps"
    echo '</testsuite>'
  fi
  if [[ -s $parts/unit.xml ]]; then
    # What a filter leaves out, vitest reports as skipped.
    if [[ -n $filter ]]; then sed -i -e '/<testcase/{N;/<skipped\/>/{N;d}}' "$parts/unit.xml"; fi
    sed -e '/^<?xml/d' -e 's/<\(\/\{0,1\}\)testsuites[^>]*>//' "$parts/unit.xml"
  fi
  echo '</testsuites>'
} >"$report"
! grep -q -e '<failure' -e '<error' "$report"
