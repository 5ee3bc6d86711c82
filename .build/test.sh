#!/usr/bin/env bash
# Runs the given test suites one after another and ends with one line for all of them.
# usage: test.sh unit|linux|macos|matrices ...
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

results=artifacts/test-results
rm -f "$results"/*.trx
mkdir -p "$results"
status=0
suites=0

run() { # name, tests at once per processor, project, filter...
	local name=$1 threads=$2 project=$3
	shift 3
	echo "== $name"
	suites=$((suites + 1))
	# More at once than there are processors: tests mostly wait. Those that fill the process table run alone anyway.
	# In the background of a script these signals are ignored, and so they would be by every program that the tests start.
	env --default-signal=HUP,INT,QUIT "$project" --results-directory "$results" --report-trx --report-trx-filename "$name.trx" --timeout 40m --max-threads "$threads" "$@" || status=1
}

tests=tests/MacRunners.Tests/bin/Release/net10.0/MacRunners.Tests
fleet_tests=tests/MacRunners.Fleet.Tests/bin/Release/net10.0/MacRunners.Fleet.Tests
end_to_end=tests/MacRunners.EndToEnd/bin/Release/net10.0/MacRunners.EndToEnd
for suite in "$@"; do
	case "$suite" in
	unit)
		run unit 2x "$tests"
		run fleet 2x "$fleet_tests"
		;;
	linux) run linux 2x "$end_to_end" --filter-not-trait platform=macos ;;
	macos)
		run macos 2x "$end_to_end" --filter-trait platform=macos
		echo "Not shown by these tests, since the emulator cannot (make acceptance and make test-native show it on a Mac):"
		awk -F '\t' '!/^#/ { printf "  - %s: %s\n", $1, $2 }' tests/not-emulated.tsv
		;;
	matrices) run matrices 3x "$end_to_end" --filter-class '*.CrashMatrixOn*' '*.FaultsOn*' '*.AgentFaultsOn*' ;;
	*)
		echo "unknown suite $suite" >&2
		exit 2
		;;
	esac
done

python3 - "$results" "$suites" <<'EOF' || status=1
import glob, sys, xml.etree.ElementTree as tree
files = glob.glob(sys.argv[1] + "/*.trx")
passed = failed = skipped = 0
for file in files:
    for result in tree.parse(file).iter("{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}UnitTestResult"):
        outcome = result.get("outcome")
        passed += outcome == "Passed"
        skipped += outcome == "NotExecuted"
        failed += outcome not in ("Passed", "NotExecuted")
        if outcome not in ("Passed", "NotExecuted"):
            print("FAILED", result.get("testName"))
            for text in result.iter("{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}Message"):
                print(*("  " + line[:500] for line in (text.text or "").splitlines()[:10]), sep="\n")
        elif outcome == "NotExecuted":
            print("skipped", result.get("testName"))
missing = int(sys.argv[2]) - len(files)
if missing:
    print(f"{missing} suite(s) gave no result: they crashed")
    failed += missing
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
EOF
exit "$status"
