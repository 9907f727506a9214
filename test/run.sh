#!/usr/bin/env bash
# Runs every layer of tests in order, inner ones first, and ends with a summary
# that names each skipped layer. All layers run, so that one run shows all
# failures; the exit code is 1 when any failed. Called by make test, which sets
# the budgets.
set -uo pipefail
cd "$(dirname "$0")/.."

skips=$(mktemp)
left=$(mktemp)
summary=$(mktemp)
told=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$skips" "$left" "$summary" "$told"' EXIT
export STROWGER_SKIPS=$skips STROWGER_LEFT=$left
failed=0

layer() { # name, budget in seconds, command
  local name=$1 budget=$2 start=$SECONDS verdict=ok took
  shift 2
  echo
  echo "== $name (budget $budget s)"
  "$@" || { verdict=FAILED; failed=1; }
  took=$((SECONDS - start))
  if ((took > budget)); then verdict+=" (above its budget of $budget s)"; fi
  printf '   %-42s %4d s  %s\n' "$name" "$took" "$verdict" >>"$summary"
}

# A program with the race detector waits a second before it ends, for races that
# show late; there are a hundred packages.
export GORACE=atexit_sleep_ms=20
race=-race
if ! command -v gcc >/dev/null; then
  race=
  echo "race detector: gcc is not installed" >>"$skips"
fi

/usr/bin/python3 -c 'import zeep' 2>/dev/null || echo "SOAP client: python3-zeep is not installed, so ICI is not tried with it" >>"$skips"

if STROWGER_TSHARK=$(test/tshark.sh); then
  export STROWGER_TSHARK
else
  echo "TestTshark: no tshark that knows SAP's RFC could be made, so the classic RFC wire is held against recorded bytes, not against a dissector" >>"$skips"
fi

command -v espeak-ng >/dev/null || echo "answer classification: espeak-ng is not installed, so nobody speaks and nothing is judged" >>"$skips"

command -v soapcpp2 >/dev/null || echo "WSDL: gsoap is not installed, so it is not read by a second generator" >>"$skips"
command -v xmllint >/dev/null || echo "WSDL: libxml2-utils is not installed, so messages are not validated" >>"$skips"

units() { # folders, of which those that exist are tested
  local folder patterns=()
  for folder in "$@"; do
    if [[ -d $folder ]]; then patterns+=("$folder/..."); fi
  done
  if [[ ${#patterns[@]} -eq 0 ]]; then
    echo "no such folders: $*"
    return 1
  fi
  # The simulation is a layer of its own. Three at once: some of them wait.
  # shellcheck disable=SC2046,SC2086
  go test $race -p 3 -timeout 10m $(go list "${patterns[@]}" | grep -v '/switch/sim$')
}

# Tests of the folder test, by what they need. Patterns that match nothing, and
# folders that no layer tests, are found by TestHouseLayers.
house_tests='^Test(Layers|House|EveryPackage)'
# No Asterisk. The real clients of CTIPS wait most of the time.
bare_tests='^Test(BackendSim|GoldenJournal|CTIPSContract|CTIPSDirectory|CTIPSFlowsAre|CTIPSFlowsWithout|CTIPSGuide|CTIPSOver)'
# An Asterisk, and mostly waiting: people and clients take their time, and a
# machine that is busy only makes it longer. Each list has an Asterisk of its
# own, and runs beside the others; those without sound step back for the first.
# What is in no list measures how long something takes, listens closely, loads
# the machine, or breaks it: it runs alone, afterwards.
calm_tests=(
  '^Test(CRM|SAPphone|Objects|CallOutside|Mirror)'
  '^Test(CTIPSFlowsForWCF|Audit)'
  '^TestCampaign($|Stopped|ImportKilled)'
  '^TestCampaign(Killed|Trunks)'
  '^Test(CTIPSFlowsForZeep|CTIPSKill|CTIPSLinkStatus|CTIPSChecked|Doctor|DialCauses)'
)

compiled() { # once for all parts of the folder test
  # shellcheck disable=SC2086
  go test $race -c -o .cache/tools/realtests ./test
}

# In the folder test, whose files it reads. What it says is passed on at once.
tests() { (cd test && exec ../.cache/tools/realtests -test.timeout 20m "$@"); }

aside=()
beside() { # the same, beside what runs, after how nice it is; waited says what it has said
  local nice=$1
  shift
  (cd test && exec nice -n "$nice" ../.cache/tools/realtests -test.timeout 20m "$@" >"$told/${#aside[@]}" 2>&1) &
  aside+=($!)
}

waited() {
  local i status=0
  for i in "${!aside[@]}"; do
    wait "${aside[i]}" || status=1
    cat "$told/$i"
  done
  aside=()
  return "$status"
}

parts() {
  local status=0
  compiled || return 1
  STROWGER_BARE=true beside 0 -test.parallel 8 -test.run "$bare_tests" # its clients wait
  units "$@" || status=1
  waited || status=1
  return "$status"
}

real() {
  local status=0 list all="$house_tests|$bare_tests"
  compiled || return 1
  for list in "${calm_tests[@]}"; do
    beside "$((5 * (${#aside[@]} > 0)))" -test.run "$list" -test.skip "$all"
    all+="|$list"
  done
  waited || status=1
  tests -test.skip "$all" || status=1
  return "$status"
}

# Without the race detector: they calculate, or their database does.
plain() { race='' units "$@"; }

# Without the race detector: it is one goroutine, and what runs it beside others
# (BackendSim, the demo) has it.
random() { go test -count=1 ./switch/sim -timeout 10m -sim.calls=100000; }

house() { go test -count=1 ./test/layers && (cd test && go test -count=1 -run "$house_tests"); }

layer "1 lint" "$BUDGET_LINT" make lint
layer "2 house: layers, files, words" "$BUDGET_HOUSE" house
layer "3 model: pure core and engine" "$BUDGET_MODEL" units ./switch ./dialer
layer "4 parts: adapters with fakes" "$BUDGET_PARTS" parts ./ari ./sip ./media ./cti ./configs ./cmd ./test/ici ./test/ctips ./test/faultproxy ./test/invariants ./test/mutants
layer "4b calculations and databases" "$BUDGET_PLAIN" plain ./bench ./test/lists
layer "3b random: 100,000 calls in virtual time" "$BUDGET_RANDOM" random
asterisk_status=0
go build -o .cache/tools/testasterisk ./test/asterisk && .cache/tools/testasterisk -cache "$STROWGER_CACHE" version || asterisk_status=$?
if [[ $asterisk_status -eq 0 ]]; then
  layer "5 generated code is up to date" "$BUDGET_HOUSE" \
    go run ./ari/internal/arigen -api "$(.cache/tools/testasterisk -cache "$STROWGER_CACHE" rest-api)" -out ari/arispec -check
else
  echo "generated code: no Asterisk whose description could be read" >>"$skips"
fi
layer "6 real: Asterisk and SIP phones" "$BUDGET_REAL" real

echo
echo "== summary"
cat "$summary"
if [[ -s $skips ]]; then
  echo "   SKIPPED LAYERS:"
  sort "$skips" | uniq -c | cut -c1-400 | head -n 20 | sed -E 's/^ *([0-9]+) /   ! (\1) /'
  if [[ ${CI:-} == true ]]; then
    echo "   a skipped layer is a failure on CI"
    failed=1
  fi
else
  echo "   no layer was skipped"
fi
if [[ -s $left ]]; then
  echo "   FAULTS LEFT TO make chaos:"
  sort -n "$left" | sed 's/^/   - /'
fi
if ((failed)); then echo "   FAILED"; else echo "   all that ran passed"; fi
exit "$failed"
