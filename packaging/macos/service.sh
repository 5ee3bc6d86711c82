# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# The service under launchd. Sourced.

readonly label=com.macrunners.daemon
readonly plist=$root/Library/LaunchDaemons/$label.plist
readonly receipt=com.macrunners.pkg

# The system's own, also when the environment says otherwise.
launchctl() { "$root/bin/launchctl" "$@"; }

service_rid() {
	case $(uname -s)-$(uname -m) in
	Darwin-arm64) echo osx-arm64 ;;
	Darwin-x86_64) echo osx-x64 ;;
	Linux-x86_64) echo linux-x64 ;; # an emulated Mac
	*) echo "$(uname -s)-$(uname -m)" ;;
	esac
}

service_preflight() {
	[ -x "$root/bin/launchctl" ] || [ -z "$start" ] || refuse "There is no $root/bin/launchctl: is this macOS? With --no-start only the files are put in place."
}

# One line of what launchd knows about the service; its text is no stable interface, so little of it is used. usage: fact NAME
fact() { { launchctl print "system/$label" 2>/dev/null || true; } | sed -n "s/^[[:space:]]*$1 = //p" | sed -n 1p; }

service_is_loaded() { launchctl print "system/$label" >/dev/null 2>&1; }

# Whether it runs or would be started again by itself: after exit code 0 it stays down.
service_is_wanted() {
	service_is_loaded || return 1
	[ -n "$(service_pid)" ] || [ "$(fact 'last exit code')" != 0 ]
}

# Number of the daemon's process; empty when there is none.
service_pid() { fact pid; }

# launchd counts how often it has started the daemon since the service was loaded: the next start is the one that is meant.
mark_service_starts() {
	local runs
	runs=$(fact runs)
	expected_runs=$((${runs:-0} + 1))
}

# It was started more often than was meant, or has ended again.
service_has_failed() {
	local runs
	runs=$(fact runs)
	[ "${runs:-0}" -ge "$expected_runs" ] || return 1
	[ "$runs" = "$expected_runs" ] || return 0
	case $(fact state) in
	'not running' | 'spawn scheduled' | exited) return 0 ;;
	*) return 1 ;;
	esac
}

service_log_hint() { echo "See: /private/var/log/macrunners/launchd.err.log"; }

service_enable_hint() { echo "launchctl enable system/$label && launchctl bootstrap system /Library/LaunchDaemons/$label.plist"; }

service_reload_hint() { echo "launchctl bootout system/$label; launchctl bootstrap system /Library/LaunchDaemons/$label.plist"; }

# launchd reads its property list once.
service_definitions() { echo Library/LaunchDaemons/$label.plist; }

service_files_changed() { :; }

# launchd starts nothing when it cannot open the output files (exit 78), so their folder must be there before.
service_make_folders() {
	make_folder "$root/private/var/log/macrunners" 0750
	make_folder "$root/private/var/macrunners" 0755
}

service_enable() { launchctl enable "system/$label"; }

# Else launchd would load it at the next boot.
service_disable() {
	[ -z "${start-1}" ] || launchctl disable "system/$label"
}

# Loads it, or makes sure that it runs.
service_start() {
	local attempt
	if service_is_loaded; then
		launchctl kickstart "system/$label" >/dev/null 2>&1 || true
		return 0
	fi
	# Just after a bootout launchd may refuse for a moment.
	for attempt in 1 2 3 4 5 6 7 8 9 10; do
		launchctl bootstrap system "$plist" 2>/dev/null && return 0
		[ "$attempt" = 10 ] || sleep 0.5
	done
	launchctl bootstrap system "$plist" || true
}

# Booting out returns before the process has ended; the label is gone only then. ExitTimeOut of the property list is the limit.
service_stop() {
	service_is_loaded || return 0
	launchctl bootout "system/$label" || true
	wait_until 930 service_is_gone || warn "launchd has not ended the daemon"
}

service_is_gone() { ! service_is_loaded; }

service_purge() {
	# What launchd remembers of the label is the default again.
	launchctl enable "system/$label" || true
	rm -rf -- "$root/private/var/macrunners" "$root/private/var/log/macrunners" "$root/private/var/run/macrunners"
}

# The package's own folder has done its work.
service_clean_up() { rm -rf "$home/incoming"; }

service_forget() {
	[ -n "$root" ] || ! pkgutil --pkg-info "$receipt" >/dev/null 2>&1 || pkgutil --forget "$receipt" >/dev/null
}
