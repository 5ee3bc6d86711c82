#!/bin/bash
# shellcheck disable=SC2034,SC2154 # shared with lib/
# Removes MacRunners from this machine. Works with the bash 3.2 of macOS.
set -euo pipefail
umask 022

usage() {
	cat <<-'HELP'
		usage: uninstall.sh [--purge] [--now] [--timeout SECONDS]

		Lets running jobs end (no further one is taken), stops the service and removes what was installed. Configuration, token,
		state and logs stay unless --purge is given.

		  --purge             remove those, too: nothing of MacRunners is left
		  --now               do not wait for running jobs: they are cancelled after Lifecycle:StopTimeout (4 min unless configured)
		  --timeout SECONDS   longest wait for running jobs (default 7200); then nothing is removed

		Exit codes: 0 removed, 1 refused and nothing removed, 64 unknown option.
	HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
lib=$here/lib
[ -d "$lib" ] || lib=$here/files/opt/macrunners/lib
for part in messages places files daemon service; do
	# shellcheck source=/dev/null
	. "$lib/$part.sh"
done

purge=''
now=''
limit=7200
while [ "$#" -gt 0 ]; do
	case $1 in
	--purge) purge=1 ;;
	--now) now=1 ;;
	--timeout)
		[ "$#" -ge 2 ] || fail "$exit_usage" "--timeout needs a number of seconds."
		case $2 in
		'' | *[!0-9]*) fail "$exit_usage" "--timeout $2: give a number of seconds." ;;
		esac
		[ "$2" -lt 86400 ] || fail "$exit_usage" "--timeout $2: less than a day, please."
		limit=$2
		shift
		;;
	--help | -h)
		usage
		exit 0
		;;
	*) fail "$exit_usage" "unknown option $1; try --help" ;;
	esac
	shift
done

[ "$(id -u)" = 0 ] || refuse "This must be run as root."
[ -f "$manifest" ] || refuse "MacRunners is not installed: there is no $manifest."
# Read while they are there.
reason=$(unsafe_component "$manifest")
[ -z "$reason" ] || refuse "$reason, on the way to $manifest."

if [ -z "$now" ] && service_is_wanted && ask "$program"; then
	time=$(printf '%02d:%02d:%02d' $((limit / 3600)) $((limit / 60 % 60)) $((limit % 60)))
	if ! "$program" drain --wait --timeout "$time" --reason "it is being uninstalled" --config "$config"; then
		"$program" resume --config "$config" >/dev/null || true
		refuse "Its jobs have not ended."
	fi
fi

say "Stopping the service ..."
state=$(setting "$program" Paths:State)
service_stop
# The daemon leaves them when it ends, for jobs that go on.
"$program" fence remove --config "$config" || warn "rules of the network fence are left in the packet filter until the next boot"
# Whoever installs it again wants jobs to be taken.
[ -z "$state" ] || rm -f "$state/drained.json"
service_disable
installed_files | while IFS= read -r file; do
	rm -f "$root/$file"
	remove_empty_folders "$root/${file%/*}"
done
rm -rf "$previous" "$undo" "$home/rollback" "$home/incoming"
rm -f "$manifest" "$manifest.new"
if [ -n "$purge" ]; then
	# The usual places only: what was configured to lie elsewhere may be shared with others.
	rm -f "$config" "$token"
	service_purge
fi
remove_empty_folders "$home/etc"
remove_empty_folders "$home"
service_forget
if [ -n "$purge" ]; then
	say "MacRunners is removed, with configuration, state and logs."
else
	say "MacRunners is removed. Configuration, state and logs are kept: --purge would have removed them."
fi
