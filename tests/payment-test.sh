#!/usr/bin/env bash
# Pays, cancels and waits against a running server, from outside, and says what it saw.
#
#   tests/payment-test.sh                              starts a server of its own from source, with SQLite, and removes it afterwards
#   tests/payment-test.sh --server http://localhost:5080
#   tests/payment-test.sh --phone 0703328938           the buyer's phone; without it one is made up
#
# The server must have its sandbox (as `dotnet run` has): the pretend phone is answered by this script. Needs bash, curl and
# Node.js; with a server of its own the .NET SDK, and sqlite3 or python3 where rows are to be counted.
#
#   --api-key KEY, --admin-key KEY, --cron-secret S    where the server has others than Development's
#   --no-build                                         the server was built already
#   --report FILE                                      a JUnit report besides
#
# Exit code 0 only when every check passed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

server='' phone='' build=1 report='' api_key=''
admin_key=development-only-admin-key-development-only cron_secret=development-only-cron-secret
while (($#)); do
  case $1 in
    --server) server=${2:?--server needs an address}; shift ;;
    --phone) phone=${2:?--phone needs a number}; shift ;;
    --api-key) api_key=${2:?--api-key needs a value}; shift ;;
    --admin-key) admin_key=${2:?--admin-key needs a value}; shift ;;
    --cron-secret) cron_secret=${2:?--cron-secret needs a value}; shift ;;
    --report) report=${2:?--report needs a file}; shift ;;
    --no-build) build=0 ;;
    -h | --help) sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//p}' tests/payment-test.sh; exit ;;
    *) echo "payment-test.sh: unknown option $1 (try --help)" >&2; exit 2 ;;
  esac
  shift
done

own=0 pid='' passed=0 failed=0 cases=''
work=$(mktemp -d "${TMPDIR:-/tmp}/longpoll-payment.XXXXXX")
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then green=$'\e[32m' red=$'\e[31m' bold=$'\e[1m' grey=$'\e[90m' plain=$'\e[0m'; else green='' red='' bold='' grey='' plain=''; fi

say() { printf '%s\n' "$@"; }
title() { say "" "$bold$*$plain"; }
note() { say "  $grey$*$plain"; }
escaped() { printf '%s' "$1" | tr -cd '\11\12\15\40-\176' | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'; }

pass() {
  passed=$((passed + 1))
  cases+="<testcase classname=\"payment\" name=\"$(escaped "$1")\"/>"$'\n'
  say "  $green✓$plain $1${2:+ $grey($2)$plain}"
}
fail() {
  failed=$((failed + 1))
  cases+="<testcase classname=\"payment\" name=\"$(escaped "$1")\"><failure message=\"$(escaped "$2")\"/></testcase>"$'\n'
  say "  $red✗ $1$plain" "      $2"
}
# is NAME EXPECTED SEEN
is() { if [[ $2 == "$3" ]]; then pass "$1" "${4:-}"; else fail "$1" "expected $2, saw ${3:-nothing}"; fi; }
# at_most NAME LIMIT SEEN UNIT
at_most() { if (($3 <= $2)); then pass "$1" "$3 $4"; else fail "$1" "$3 $4, more than $2 $4"; fi; }

at_exit() {
  local code=$?
  trap - EXIT
  if [[ -n $pid ]]; then
    kill -TERM "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  fi
  if ((code == 0 && (failed > 0 || passed == 0))); then code=1; fi
  if ((code != 0 && failed == 0)); then fail 'the script comes to its end' "it stopped early, with exit code $code"; fi
  if ((failed && own)); then
    say "" "The end of the server's log:"
    tail -n 25 "$work/server.log" | sed 's/^/    /'
  fi
  if [[ -n $report ]]; then printf '<testsuites>\n<testsuite name="payment">\n%s</testsuite>\n</testsuites>\n' "$cases" >"$report"; fi
  rm -rf "$work"
  say "" "$passed passed, $failed failed"
  exit "$code"
}
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# impossible MESSAGE: nothing can be tested.
impossible() { fail 'the server can be tested' "$1"; exit 1; }

# get EXPRESSION <JSON: a value out of a JSON document, which is called `it`.
get() {
  node -e '
    let text = "";
    process.stdin.on("data", part => text += part).on("end", () => {
      try {
        const value = new Function("it", "return " + process.argv[1])(JSON.parse(text));
        process.stdout.write(value === null ? "null" : value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
      } catch { process.stdout.write(""); }
    });' "$1"
}

now() { # in milliseconds
  if [[ -n ${EPOCHREALTIME:-} ]]; then say $((${EPOCHREALTIME/[.,]/} / 1000)); else node -p 'Date.now()'; fi
}

call() { # call METHOD PATH [CURL OPTIONS…]: the body; the status stands in $work/status
  local method=$1 path=$2
  shift 2
  curl -sS --max-time 90 -X "$method" -o "$work/body" -w '%{http_code}' "$@" "$server$path" >"$work/status" 2>"$work/error" || cat "$work/error" >&2
  cat "$work/body" 2>/dev/null
}
status() { cat "$work/status"; }

# ---- The server ----------------------------------------------------------------------------------------------------------
start_server() {
  local i program=src/LongPoll.Server/bin/Debug/net10.0/LongPoll.Server.dll
  own=1
  : >"$work/server.log"
  if ((build)); then
    note 'building the server'
    dotnet build src/LongPoll.Server --nologo -v quiet >"$work/server.log" 2>&1 || impossible 'it could not be built'
  fi
  [[ -f $program ]] || impossible "there is no $program: leave --no-build away"
  local name
  while read -r name; do unset "$name"; done < <(compgen -e | grep -E '__|^(ASPNETCORE|DOTNET)_(URLS|ENVIRONMENT)$|^CRON_SECRET$' || true)
  ASPNETCORE_ENVIRONMENT=Development ASPNETCORE_URLS=http://127.0.0.1:0 ConnectionStrings__Sqlite="Data Source=$work/longpoll.db" \
    Smtp__Folder="$work/mails" LongPoll__DrainTime=00:00:00 dotnet "$program" --contentRoot "$PWD/$(dirname "$program")" >"$work/server.log" 2>&1 &
  pid=$!
  for ((i = 0; i < 600; i++)); do
    kill -0 "$pid" 2>/dev/null || impossible 'it ended while it started'
    server=$(sed -n 's/^ *Now listening on: *//p' "$work/server.log" | head -n 1)
    if [[ -n $server ]] && curl -sf -o "$work/body" "$server/health/ready"; then return; fi
    sleep 0.1
  done
  impossible 'it did not get ready within a minute'
}

# ---- What a buyer, a page and a phone do ---------------------------------------------------------------------------------
stamp=$(now) orders=0

new_phone() { printf '07%08d' "$(((RANDOM * 32768 + RANDOM) % 100000000))"; }

# place NAME [QUANTITY]: an order with the data of the document's test; sets id, token, number, reference.
place() {
  orders=$((orders + 1))
  local mine=$phone view
  if [[ -z $mine || $orders -gt 1 ]]; then mine=$(new_phone); fi
  email=test.longpoll.$stamp.$orders@example.com
  view=$(call POST /api/orders -H 'Content-Type: application/json' ${api_key:+-H "X-Api-Key: $api_key"} -d '{
    "event": {"id": "test-this-end-to-end", "name": "Test this end to end", "venue": "Nairobi", "timeZone": "Africa/Nairobi", "startsAt": "2027-01-15T18:00:00Z"},
    "customer": {"email": "'"$email"'", "firstName": "Test", "lastName": "LongPoll", "country": "+254", "phone": "'"$mine"'"},
    "items": [{"name": "Early Bird", "quantity": '"${2:-1}"', "unitPrice": 300}], "currency": "KES"}')
  if [[ $(status) != 201 ]]; then fail "$1: an order is made" "status $(status): $view"; exit 1; fi
  id=$(get 'it.orderId' <<<"$view") token=$(get 'it.accessToken' <<<"$view") number=$(get 'it.orderNumber' <<<"$view")
  prompt_of "$mine"
  on_phone=$mine
}

prompt_of() { # sets reference: the newest prompt on this phone
  reference=$(call GET "/sandbox/prompts?phone=$1" | get 'it[0].reference')
  [[ -n $reference ]] || { fail 'the prompt is on the phone' "$(cat "$work/body")"; exit 1; }
}

# wait_for FILE [QUERY]: a page's wait in the background; FILE gets the body, FILE.head the headers, FILE.at when it was answered.
wait_for() {
  {
    curl -sS --max-time 90 -D "$1.head" -o "$1" "$server/api/orders/$id/wait${2:+?$2}" 2>"$1.error"
    now >"$1.at"
  } &
  waits+=("$!")
}
waits=()
waited() { wait "${waits[@]}"; waits=(); }
ending() { sed -n 's/\r$//; s/^[Ll]ong[Pp]oll-[Ee]nding: *//p' "$1.head"; }

parked() { # parked N: until so many requests are held
  local i
  for ((i = 0; i < 100; i++)); do
    if (($(curl -s "$server/health/ready" | get 'it.parked || 0') >= $1)); then return; fi
    sleep 0.05
  done
  fail 'the wait is held' "not $1 parked after some seconds: $(curl -s "$server/health/ready")"
}

# answer JSON: what the buyer does on the phone, and how the callback about it travels
answer() {
  call POST "/sandbox/prompts/$reference/answer" -H 'Content-Type: application/json' -d "$1" >"$work/answer"
  [[ $(status) == 202 ]] || fail 'the phone takes the answer' "status $(status): $(cat "$work/answer")"
}

order() { call GET "/api/orders/$id"; }

# settles STATUS: until the order is in this state, or ten seconds are over
settles() {
  local i
  for ((i = 0; i < 100; i++)); do
    if [[ $(order | get 'it.paymentStatus') == "$1" ]]; then return; fi
    sleep 0.1
  done
}

count_rows() { # count_rows SQL: of a server of our own
  if command -v sqlite3 >/dev/null; then
    sqlite3 -readonly "$work/longpoll.db" "$1"
  else
    python3 -c 'import sqlite3, sys; print("|".join(str(v) for v in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()))' "$work/longpoll.db" "$1"
  fi
}
can_count() { ((own)) && { command -v sqlite3 || command -v python3; } >/dev/null; }

# once NAME: one booking, one payment, and their references match
once() {
  local view wallet
  view=$(order)
  wallet=$(call GET "/api/orders/$id/tickets" -H "Authorization: Bearer $token" -H 'Accept: application/json')
  is "$1: booking and wallet have the same reference" "$(get 'it.bookingReference' <<<"$view")" "$(get 'it.bookingReference' <<<"$wallet")"
  is "$1: the payment is the phone's receipt" "$(call GET "/sandbox/prompts?phone=$on_phone" | get "it.find(p => p.reference === '$reference').outcome.receipt")" "$(get 'it.paymentId' <<<"$wallet")"
  is "$1: nothing of it is in the money inbox" 0 "$(call GET /api/admin/money-inbox -H "X-Admin-Key: $admin_key" | get "JSON.stringify(it).split('$id').length - 1")"
  if can_count; then
    is "$1: one booking and one payment in the tables, with the same reference and transaction" '1|1|1' "$(count_rows "select
      (select count(*) from bookings where order_id = '$id'), (select count(*) from payments where order_id = '$id'),
      (select count(*) from bookings b join payments p using (order_id, provider, transaction_id) join orders o using (order_id)
       where order_id = '$id' and b.booking_reference = o.booking_reference)")"
  fi
}

# mail_says FILE TEXT
mail_says() {
  node -e '
    const [file, text] = process.argv.slice(1), mail = require("fs").readFileSync(file, "utf8");
    const parts = mail.split(/\r?\n\r?\n/).map(p => /^[A-Za-z0-9+\/=\s]+$/.test(p) ? Buffer.from(p, "base64").toString("utf8") : p);
    process.exit(parts.some(p => p.includes(text)) ? 0 : 1);' "$1" "$2"
}

# ---- The tests -----------------------------------------------------------------------------------------------------------
command -v curl >/dev/null || impossible 'curl is missing'
command -v node >/dev/null || impossible 'Node.js is missing'
if [[ -z $server ]]; then start_server; fi
server=${server%/}
curl -sf -o "$work/body" "$server/health/ready" || impossible "nothing answers at $server/health/ready"
[[ $(curl -s -o "$work/body" -w '%{http_code}' "$server/sandbox/prompts") == 200 ]] || impossible "$server has no sandbox: there is no phone to enter a PIN on"
note "server: $server"

title 'Test 1: a page waits, the PIN is entered, the page is answered'
place 'success' 2
seats=2
wait_for "$work/page"
parked 1
pressed=$(now)
answer '{"action":"pin"}'
waited
is 'the page is answered: paid' completed "$(get 'it.paymentStatus' <"$work/page")"
is 'by notification, in its one request' notified "$(ending "$work/page")"
at_most 'soon after the PIN' 2000 "$(($(<"$work/page.at") - pressed))" ms
is 'with the masked address and no other' 't***@example.com' "$(get 'it.customer.email' <"$work/page")"
is 'the receipt is there' string "$(get 'typeof it.receipt' <"$work/page")"
fulfilled=$(call GET "/api/orders/$id/wait?until=fulfilled&timeout=30")
is 'the tickets follow' "completed $seats" "$(get 'it.fulfilment + " " + it.tickets.filter(t => t.success).length' <<<"$fulfilled")"
wallet=$(call GET "/api/orders/$id/tickets" -H "Authorization: Bearer $token" -H 'Accept: application/json')
is 'one ticket for each seat, each with a code of its own' "$seats" "$(get 'new Set(it.tickets.map(t => t.code)).size' <<<"$wallet")"
call GET "/api/orders/$id/tickets" >"$work/answer"
is 'the wallet opens with the token alone' 401 "$(status)"
call GET "$(get 'it.tickets[0].qrSvg' <<<"$wallet")?access_token=$token" >"$work/answer"
is 'a QR code can be shown' 200 "$(status)"
is 'a gate lets it in' true "$(call GET "/api/tickets/$(get 'it.tickets[0].code' <<<"$wallet")" | get 'it.unused')"
once 'success'
again=$(call GET "/api/orders/$id/wait")
is 'a second look is answered at once' completed "$(get 'it.paymentStatus' <<<"$again")"
receipt=$(get 'it.receipt' <<<"$again") success_number=$number success_id=$id
if ((own)); then
  for ((i = 0; i < 100; i++)); do [[ $(find "$work/mails" -name "$number-*.eml" 2>/dev/null | wc -l) -lt 3 ]] || break; sleep 0.1; done
  is 'three mails: receipt, ticket, welcome' 'receipt ticket welcome' "$(find "$work/mails" -name "$number-*.eml" 2>/dev/null | sed "s/.*$number-//; s/\.eml//" | sort | paste -sd' ')"
  if mail_says "$work/mails/$number-receipt.eml" "$receipt"; then pass 'the receipt says the M-PESA number'; else fail 'the receipt says the M-PESA number' "$receipt is not in it"; fi
  is 'the ticket mail has a QR code for each seat, shown and attached' $((seats * 2)) "$(grep -ci '^content-type: image/png' "$work/mails/$number-ticket.eml")"
fi

title 'Test 2: ten pages of one order, all answered by one callback'
place 'ten pages'
for n in 1 2 3 4 5 6 7 8 9 10; do wait_for "$work/tab$n"; done
parked 10
pressed=$(now)
answer '{"action":"pin"}'
waited
is 'all ten are answered: paid' 10 "$(for n in 1 2 3 4 5 6 7 8 9 10; do get 'it.paymentStatus' <"$work/tab$n"; echo; done | grep -c '^completed$')"
is 'all ten by notification' 10 "$(for n in 1 2 3 4 5 6 7 8 9 10; do ending "$work/tab$n"; done | grep -c '^notified$')"
is 'with the same bytes' 1 "$(for n in 1 2 3 4 5 6 7 8 9 10; do cksum <"$work/tab$n"; done | sort -u | wc -l)"
at_most 'the last of them soon after the PIN' 3000 "$(($(sort -n "$work"/tab*.at | tail -n 1) - pressed))" ms
once 'ten pages'

title 'Test 3: cancelled on the phone'
place 'cancel'
wait_for "$work/page"
parked 1
answer '{"action":"cancel"}'
waited
is 'the page is answered: cancelled' 'cancelled cancelled_by_buyer' "$(get 'it.paymentStatus + " " + it.reason' <"$work/page")"
is 'it may be tried again' true "$(get 'it.safeToRetry' <"$work/page")"
is 'no booking and no tickets' 'null 0 none' "$(get 'it.bookingReference + " " + it.tickets.length + " " + it.fulfilment' <"$work/page")"
if can_count; then is 'no payment in the tables' '0|0' "$(count_rows "select (select count(*) from payments where order_id = '$id'), (select count(*) from bookings where order_id = '$id')")"; fi
cancelled_number=$number
place 'try again'
answer '{"action":"cancel"}'
settles cancelled
call POST "/api/orders/$id/pay" -H "Authorization: Bearer $token" >"$work/answer"
is 'Try again sends another prompt' '200 processing' "$(status) $(get 'it.paymentStatus' <"$work/answer")"
prompt_of "$on_phone"
answer '{"action":"pin"}'
settles completed
once 'try again'

title 'Test 4: other failures'
for failure in insufficient_funds wrong_pin; do
  place "$failure"
  wait_for "$work/page"
  parked 1
  answer '{"action":"'$failure'"}'
  waited
  is "$failure is told, and may be tried again" "failed $failure true" "$(get 'it.paymentStatus + " " + it.reason + " " + it.safeToRetry' <"$work/page")"
done

title 'Test 5: the callback comes twice, at once, late, or never'
place 'five times'
answer '{"action":"pin","times":5}'
settles completed
for ((i = 0; i < 50; i++)); do copies=$(call GET "/sandbox/prompts?phone=$on_phone" | get 'it[0].callback && it[0].callback.copy'); [[ $copies != 5 ]] || break; sleep 0.1; done
last=$(call GET "/sandbox/prompts?phone=$on_phone" | get 'it[0].callback')
is 'five times: the fifth is a duplicate with the booking that exists' "200 duplicate $(order | get 'it.bookingReference')" "$(get 'it.status + " " + JSON.parse(it.answer || it.body || "{}").result + " " + JSON.parse(it.answer || it.body || "{}").bookingReference' <<<"$last")"
once 'five times'

place 'twenty at once'
answer '{"action":"pin","times":20,"together":true}'
settles completed
once 'twenty at once'
call GET "/api/orders/$id/wait?until=fulfilled&timeout=30" >"$work/answer"
is 'twenty at once: one ticket' 1 "$(get 'it.tickets.length' <"$work/answer")"

place 'late'
answer '{"action":"pin","delayMs":2500}'
call GET "/api/orders/$id/wait?timeout=1" >"$work/answer"
is 'late: the first wait ends with the status as it stands' '200 processing' "$(status) $(get 'it.paymentStatus' <"$work/answer")"
call GET "/api/orders/$id/wait?timeout=30" >"$work/answer"
is 'late: the second is answered: paid' '200 completed' "$(status) $(get 'it.paymentStatus' <"$work/answer")"
once 'late'

place 'never'
answer '{"action":"pin","lost":true}'
call POST "/api/orders/$id/verify" >"$work/answer"
is 'never: asked, the provider says paid' '200 completed' "$(status) $(get 'it.paymentStatus' <"$work/answer")"
once 'never'

title 'Afterwards'
id=$success_id number=$success_number
is 'the first order is what it was' "completed $receipt" "$(order | get 'it.paymentStatus + " " + it.receipt')"
if ((own)); then
  is 'the first buyer has three mails still' 3 "$(find "$work/mails" -name "$success_number-*.eml" | wc -l)"
  is 'the buyer who cancelled has none' 0 "$(find "$work/mails" -name "$cancelled_number-*.eml" | wc -l)"
  for line in 'Order created' 'Long polling started for order' 'PAYHERO Callback received' 'Order status updated: completed' 'Order status notification published' \
    'notification sent to all waiting clients' 'status changed via'; do
    if grep -q "$line" "$work/server.log"; then pass "the log says: $line"; else fail "the log says: $line" 'it does not'; fi
  done
  is 'no address stands in the log' 0 "$(grep -c 'test\.longpoll' "$work/server.log")"
fi
call POST /api/jobs/reconcile >"$work/answer"
is 'a job without its secret is refused' 401 "$(status)"
call POST /api/jobs/reconcile -H "x-cron-secret: $cron_secret" >"$work/answer"
is 'and runs with it' '200 true' "$(status) $(get 'it.success' <"$work/answer")"
exit 0
