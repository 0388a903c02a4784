#!/usr/bin/env bash
# Runs every test of the repository from a clean clone and ends with one line: "N passed, N failed".
# --full plays the scenarios of HubService.Cluster.Tests with all their numbers, which takes an hour instead of minutes.
# Needs the .NET 10 SDK and Node 20. As root it installs the servers that some tests use; else those tests skip themselves.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 CI=1 NO_COLOR=1

limit=900
case "${1:-}" in
  "") ;;
  --full) export HUBSERVICE_FULL=1 limit=7200 ;;
  *) echo "usage: tests/run.sh [--full]" >&2; exit 2 ;;
esac

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0

count() { # suite, passed, failed, skipped
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
  printf '%-40s %6s passed %6s failed %6s skipped\n' "$1" "$2" "$3" "$4" >>"$results/summary"
}

install_servers() {
  local missing=()
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v nginx >/dev/null || missing+=(nginx)
  command -v chromium >/dev/null || missing+=(chromium)
  command -v ip >/dev/null || missing+=(iproute2)
  /usr/bin/python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Not installed: ${missing[*]}; tests that need them are skipped."
    return
  fi
  echo "Installing ${missing[*]}"
  # RUNLEVEL keeps the packages from starting a server of their own.
  { DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$results/apt" 2>&1 ||
    { tail -n 5 "$results/apt"; echo "Could not install ${missing[*]}; tests that need them are skipped."; }
}

# Folders with an npm package of ours, those in src first because others may build on them.
npm_folders() {
  find src tests samples -name package.json -not -path '*/node_modules/*' -not -path '*/bin/*' -not -path '*/obj/*' -printf '%h\n' |
    awk '{ print ($0 ~ /^src/ ? 0 : 1) " " $0 }' | sort | cut -d' ' -f2-
}

has_script() { node -e 'process.exit(require("./package.json").scripts?.[process.argv[1]] ? 0 : 1)' "$1"; }

npm_install() { # folder
  cd "$1" || return
  [ -f package-lock.json ] || return 0
  [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund
}

npm_test() { # log; shows what the tests print, and keeps it there
  local json=$results/vitest.json arguments=()
  rm -f "$json"
  if node -e 'process.exit(/vitest/.test(require("./package.json").scripts.test) ? 0 : 1)'; then
    arguments=(-- --reporter=default --reporter=json --outputFile.json="$json")
  fi
  # A run that hangs is ended, and has shown how far it came.
  timeout -k 5 600 npm test "${arguments[@]}" </dev/null 2>&1 | tee "$1"
  return "${PIPESTATUS[0]}"
}

npm_numbers() { # exit code, log; prints "passed failed skipped"
  local json=$results/vitest.json code=$1 log=$2
  CODE=$code JSON=$json LOG=$log node -e '
    const fs = require("node:fs"), { CODE, JSON: file, LOG } = process.env;
    let p = 0, f = 0, s = 0;
    if (fs.existsSync(file)) {
      const r = JSON.parse(fs.readFileSync(file, "utf8"));
      [p, f, s] = [r.numPassedTests, r.numFailedTests, r.numPendingTests + r.numTodoTests];
      // A test file that does not load has no tests to fail.
      f += r.testResults.filter((t) => t.status === "failed" && t.assertionResults.length === 0).length;
    } else {
      const n = (w) => [...fs.readFileSync(LOG, "utf8").matchAll(new RegExp(`^(?:#|\\S) ${w} (\\d+)$`, "gm"))].reduce((a, m) => a + Number(m[1]), 0);
      [p, f, s] = [n("pass"), n("fail"), n("skipped")];
    }
    if (CODE !== "0" && f === 0) f = 1;
    console.log(p, f, s);'
}

run_npm() {
  local folder log=$results/npm.log numbers
  for folder in "${npm[@]}"; do
    (cd "$folder" && has_script test) || continue
    echo "--- $folder"
    (cd "$folder" && npm_test "$log")
    numbers=$(npm_numbers $? "$log")
    # shellcheck disable=SC2086
    count "$folder" ${numbers:-0 1 0}
  done
}

attribute() { # file, name; the sum over all assemblies
  grep -o '<assembly [^>]*' "$1" | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'
}

run_dotnet() {
  local project name xml
  for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj) xml=$results/$name.xml
    echo "--- $name"
    # A run that hangs is ended, and has said which test it was.
    timeout -k 5 "$limit" dotnet "tests/$name/bin/Release/net10.0/$name.dll" -xml "$xml" -noColor -longRunning 60 -diagnostics ${HUBSERVICE_TEST_ARGS:-}
    local code=$? bad
    if [ -s "$xml" ]; then
      bad=$(($(attribute "$xml" failed) + $(attribute "$xml" errors)))
      [ "$code" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
      count "$name" "$(attribute "$xml" passed)" "$bad" "$(attribute "$xml" skipped)"
    else
      count "$name" 0 1 0
    fi
  done
}

install_servers
npm=()
if command -v npm >/dev/null; then
  mapfile -t npm < <(npm_folders)
  for folder in "${npm[@]}"; do
    (npm_install "$folder") || count "$folder (npm ci)" 0 1 0
  done
else
  echo "Node is not installed: the tests of the npm packages are not run."
fi

if dotnet build HubService.sln -c Release -v quiet; then
  run_npm
  run_dotnet
else
  count build 0 1 0
fi

echo
cat "$results/summary" 2>/dev/null
[ "$skipped" -gt 0 ] && echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
