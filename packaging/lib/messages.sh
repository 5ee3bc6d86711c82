# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# What the operator reads, and how the scripts end. Sourced.

readonly exit_refused=1     # nothing was changed
readonly exit_usage=64      # unknown option
readonly exit_rolled_back=3 # the new version did not run; the one before is back and runs
readonly exit_broken=4      # what is installed now does not run

say() { printf '%s\n' "$*"; }

warn() { printf 'warning: %s\n' "$*" >&2; }

# Ends the script. usage: fail CODE MESSAGE
fail() {
	printf '%s: %s\n' "${0##*/}" "$2" >&2
	exit "$1"
}

refuse() { fail "$exit_refused" "$1 Nothing was changed."; }
