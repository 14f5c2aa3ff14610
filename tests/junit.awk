# Reads one JUnit report (xunit, vitest, node:test and Playwright all write it).
# Prints "<passed> <failed> <complete>" and appends every test that did not pass to the file `failures`:
# its name in one line, its message and stack in indented lines.
# A skipped test has not passed. Errors that belong to no test (a fixture that cannot clean up) fail too.
# Written for mawk and gawk alike.

BEGIN { RS = "<"; name_chars = "[A-Za-z_:][-A-Za-z0-9_:.]*" }

function text(s) {
  gsub(/&#xA;|&#10;/, "\n", s); gsub(/&#xD;|&#13;/, "", s); gsub(/&#x9;|&#9;/, "\t", s)
  gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&apos;|&#39;/, "'", s)
  gsub(/&amp;/, "\\&", s)
  return s
}

# The value of one attribute of the tag in `tag`.
function attribute(key,   rest, pair, quote) {
  rest = tag
  while (match(rest, name_chars "[ \t\r\n]*=[ \t\r\n]*(\"[^\"]*\"|'[^']*')")) {
    pair = substr(rest, RSTART, RLENGTH)
    rest = substr(rest, RSTART + RLENGTH)
    quote = substr(pair, length(pair), 1)
    if (substr(pair, 1, match(pair, /[ \t\r\n=]/) - 1) == key)
      return text(substr(pair, index(pair, quote) + 1, length(pair) - index(pair, quote) - 1))
  }
  return ""
}

function tell(name, message,   lines, n, i) {
  failed++
  gsub(/\n/, " ", name)
  print "FAILED  " suite ": " name >> failures
  n = split(message, lines, "\n")
  for (i = 1; i <= n && i <= 40; i++) if (lines[i] !~ /^[ \t\r]*$/) print "        " lines[i] >> failures
  if (n > 40) print "        … " n - 40 " more lines in the report" >> failures
}

function finish_test(   name) {
  if (!in_test) return
  in_test = 0
  if (outcome == "passed") { passed++; return }
  name = test_name
  if (test_class != "" && index(name, test_class) != 1) name = test_class " › " name
  if (outcome == "skipped") message = "skipped, which counts as failed: " message
  tell(name, message)
}

function add_text(s) { if (collecting && s !~ /^[ \t\r\n]*$/) message = message (message == "" ? "" : "\n") s }

in_cdata {
  # A "<" inside of character data is no tag.
  end = index($0, "]]>")
  if (end) { add_text(cdata "<" substr($0, 1, end - 1)); in_cdata = 0 } else cdata = cdata "<" $0
  next
}
/^!\[CDATA\[/ {
  end = index($0, "]]>")
  if (end) add_text(substr($0, 9, end - 9)); else { in_cdata = 1; cdata = substr($0, 9) }
  next
}
{
  if (!match($0, "^/?" name_chars "([ \t\r\n]+" name_chars "[ \t\r\n]*=[ \t\r\n]*(\"[^\"]*\"|'[^']*'))*[ \t\r\n]*/?>")) next
  tag = substr($0, 1, RLENGTH)
  body = substr($0, RLENGTH + 1)
  alone = tag ~ /\/>$/
  match(tag, "^/?" name_chars)
  element = substr(tag, 1, RLENGTH)
  opened = (element ~ /^testsuites?$/ && !alone) ? opened + 1 : opened
  complete = (element ~ /^\/testsuites?$/ && --opened == 0) || (element ~ /^testsuites?$/ && alone && !opened)
}
element == "testsuites" { stated_errors += attribute("errors") }
element == "testcase" {
  in_test = 1; outcome = "passed"; message = ""; test_name = attribute("name"); test_class = attribute("classname")
  if (alone) finish_test()
}
element == "failure" || element == "error" {
  if (element == "error") seen_errors++
  if (!in_test) { in_test = 1; test_name = "outside of any test"; test_class = ""; message = ""; stray = 1 }
  outcome = "failed"
  message = message (message == "" ? "" : "\n") attribute("message")
  if (!alone) { collecting = 1; add_text(text(body)) }
  if (stray && alone) { stray = 0; finish_test() }
}
element == "skipped" && in_test && outcome == "passed" { outcome = "skipped"; message = attribute("message") }
element == "/failure" || element == "/error" { collecting = 0; if (stray) { stray = 0; finish_test() } }
element == "/testcase" { finish_test() }

END {
  if (stated_errors > seen_errors)
    tell(stated_errors - seen_errors " error(s) outside of any test (class or fixture clean-up)", ENVIRON["outside"])
  print passed + 0, failed + 0, complete + 0
}
