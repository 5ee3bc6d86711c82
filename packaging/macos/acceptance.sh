#!/bin/bash
# Does MacRunners work on this Mac? Runs the probe twice, as root and as a LaunchDaemon, then doctor, the isolation test and many accounts, made and
# removed by the daemon's own code, and keeps what each said. Needs root, and a machine on which no macrunners daemon runs.
#
# usage: acceptance.sh [--program FILE] [--root FOLDER] [--set KEY=VALUE ...] [--accounts N] [--quick] REPORTS
#   --program FILE  the macrunners to try; default: /opt/macrunners/bin/macrunners
#   --root FOLDER   an emulated Mac below FOLDER
#   --set KEY=VALUE a setting of macrunners, such as Accounts:UidMin=800000; may be repeated
#   --accounts N    how many accounts; default 200. A tenth as many have an APFS volume as home
#   --quick         the isolation test's small amounts
#   REPORTS         folder for the reports; made if needed
#
# Exit code: 0 everything held, 1 something did not (the last lines say what), 64 usage, 77 not root. What doctor finds is only kept: a machine
# without token and agent is no fault here.
set -uo pipefail
export LC_ALL=C

program=/opt/macrunners/bin/macrunners
root=""
accounts=200
quick=""
reports=""
settings=()
while [ "$#" -gt 0 ]; do
	case "$1" in
	--program | --root | --set | --accounts)
		[ "$#" -gt 1 ] || {
			echo "acceptance.sh: $1 needs a value" >&2
			exit 64
		}
		case "$1" in
		--program) program=$2 ;;
		--root) root=$2 ;;
		--set) settings+=(--set "$2") ;;
		*) accounts=$2 ;;
		esac
		shift
		;;
	--quick) quick=--quick ;;
	-h | --help)
		sed -n '2,/^set /p' "$0" | sed -e '$d' -e 's/^# \{0,1\}//'
		exit 0
		;;
	-*)
		echo "acceptance.sh: unknown option $1; try --help" >&2
		exit 64
		;;
	*) reports=$1 ;;
	esac
	shift
done
if [ -z "$reports" ] || ! [[ $accounts =~ ^[1-9][0-9]*$ ]]; then
	echo "acceptance.sh: a folder for the reports and a number of accounts are needed; try --help" >&2
	exit 64
fi
if [ "$(id -u)" != 0 ]; then
	echo "acceptance.sh: start it as root: sudo $0" >&2
	exit 77
fi

here=$(cd "$(dirname "$0")" && pwd -P)
mkdir -p "$reports" || exit 1
place=()
if [ -n "$root" ]; then
	place=(--root "$root")
	settings+=(--set Platform:Kind=macos --set "Platform:Root=$root")

	# Where everybody may write on the system below; a Mac has none of them.
	number=0
	for place_below in /dev/shm /run/lock /var/crash; do
		if [ -d "$place_below" ]; then
			settings+=(--set "Teardown:SharedPlaces:$number=$place_below")
			number=$((number + 1))
		fi
	done
fi
failed=()

# Where nobody but root could change it: what root runs must not lie in somebody's clone.
folder=/opt/macrunners-acceptance
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
if ! install -d -m 755 "$folder" || ! install -m 755 "$program" "$folder/macrunners"; then
	echo "acceptance.sh: $program cannot be copied to $folder" >&2
	exit 1
fi
# A Mac has it itself; over an emulated one the program looks for it beside itself.
library=$(dirname "$program")/libSystem.dylib
if [ -n "$root" ] && ! install -m 755 "$library" "$folder/libSystem.dylib"; then
	echo "acceptance.sh: the emulator's libSystem.dylib must lie beside $program" >&2
	exit 1
fi
program=$folder/macrunners

now() { perl -MTime::HiRes=time -e 'printf "%d", time * 1000'; }

judge() { # name, exit code
	if [ "$2" = 0 ]; then echo "ok      $1"; else
		echo "FAILED  $1 (exit code $2)"
		failed+=("$1")
	fi
}

"$here/probe.sh" --volumes --program "$program" ${place[@]+"${place[@]}"} >"$reports/probe.md"
judge "probe" $?
"$here/probe.sh" --as-daemon --program "$program" ${place[@]+"${place[@]}"} >"$reports/probe-as-daemon.md"
judge "probe as a LaunchDaemon" $?

"$program" doctor --json --no-probe ${settings[@]+"${settings[@]}"} >"$reports/doctor.json" 2>"$reports/doctor.err"
echo "kept    doctor (exit code $?)"

"$program" selftest isolation --json $quick ${settings[@]+"${settings[@]}"} >"$reports/isolation.json" 2>"$reports/isolation.err"
judge "selftest isolation" $?

# Leaves one line per account: milliseconds to make it and to remove it with proof.
# usage: try_accounts NAME COUNT WHAT [SETTING...]
try_accounts() {
	local file=$reports/$1 count=$2 what=$3 number began made name column code=0
	shift 3
	: >"$file.tsv"
	: >"$file.err"
	for ((number = 1; number <= count; number++)); do
		began=$(now)
		name=$("$program" account create "$@" 2>>"$file.err" | awk '$1 == "name" { print $2 }')
		made=$(now)
		if [ -z "$name" ] || ! "$program" account remove "$name" "$@" >/dev/null 2>>"$file.err"; then
			code=1
			break
		fi
		printf '%s\t%s\n' $((made - began)) $(($(now) - made)) >>"$file.tsv"
	done
	judge "$count $what" "$code"
	for column in 1 2; do
		cut -f "$column" "$file.tsv" | sort -n | awk -v what="$([ "$column" = 1 ] && echo make || echo remove)" \
			'{ value[NR] = $1 } END { if (NR) printf "        %s: median %d ms, 95 %% within %d ms, of %d\n", what, value[int((NR + 1) / 2)], value[int((NR * 95 + 99) / 100)], NR }'
	done >"$file.txt"
	cat "$file.txt"
}

try_accounts accounts "$accounts" accounts ${settings[@]+"${settings[@]}"}
volumes=$(((accounts + 9) / 10))
try_accounts volumes "$volumes" "homes as volumes" ${settings[@]+"${settings[@]}"} --set Accounts:Home=Volume

if [ "${#failed[@]}" != 0 ]; then
	echo "did not hold: $(printf '%s, ' "${failed[@]}" | sed 's/, $//')"
	exit 1
fi
echo "all held"
