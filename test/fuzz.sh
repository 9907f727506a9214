#!/usr/bin/env bash
# Runs every fuzz target of the module for FUZZTIME each, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."

count=0
failed=()
while IFS=: read -r file target; do
  count=$((count + 1))
  echo "== $target in $(dirname "$file")"
  go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-10s}" "./$(dirname "$file")" || failed+=("$target")
done < <(grep -rnoE --include='*_test.go' --exclude-dir=.cache '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's#^\./##; s/:[0-9]+:func /:/')

echo "fuzzed $count targets for ${FUZZTIME:-10s} each"
if [[ $count -eq 0 ]]; then
  echo "no fuzz target was found"
  exit 1
fi
if [[ ${#failed[@]} -gt 0 ]]; then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
