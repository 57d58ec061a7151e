#!/usr/bin/env bash
# Checks the web page: types, unit tests, that the bundle in the server is the one its sources give, and the end-to-end
# tests against the stand-in (skipped where there is no Chromium). The last line is 'N passed, N failed, N skipped'.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

committed=../src/Caravan.Server/wwwroot
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

# Runs a command; what it says is shown only where it fails.
step() {
  local name=$1 started=$SECONDS
  shift
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "$name: good ($((SECONDS - started)) s)"
  else
    failed=$((failed + 1))
    cat "$work/log"
    echo "FAILED: $name"
  fi
}

# Adds up the counts that a suite ends with; one that ends without any has failed.
suite() {
  local name=$1 started=$SECONDS line
  shift
  "$@" >"$work/log" 2>&1
  line=$(tail -n 1 "$work/log")
  if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
    grep -v "^$line$" "$work/log"
    echo "$name: $line ($((SECONDS - started)) s)"
  else
    failed=$((failed + 1))
    cat "$work/log"
    echo "FAILED: $name"
  fi
}

unit() {
  node_modules/.bin/vitest run --reporter=json --outputFile="$work/unit.json"
  node -e '
    const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    for (const file of r.testResults) for (const t of file.assertionResults) if (t.status === "failed") console.log(`FAILED: ${t.fullName}\n${t.failureMessages.join("\n")}`);
    console.log(`${r.numPassedTests} passed, ${r.numFailedTests + r.testResults.filter((f) => f.status === "failed" && f.assertionResults.length === 0).length} failed, ${r.numPendingTests} skipped`);
  ' "$work/unit.json"
}

bundle() { node_modules/.bin/vite build --outDir "$work/bundle" --emptyOutDir && diff -rq "$work/bundle" "$committed"; }

if [ "${1:-}" != --no-install ]; then
  if ! npm ci --no-audit --no-fund >"$work/log" 2>&1; then
    cat "$work/log"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
  fi
fi
step "types" node_modules/.bin/tsc --noEmit
suite "unit tests" unit
step "bundle (npm run build, and commit what it writes)" bundle
suite "end to end" node e2e/run.mjs

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
