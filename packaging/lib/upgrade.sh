# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# Exchanging one version for another under running jobs. Sourced.

# Installs a package in the place of what runs; puts that back when the new one does not do as well.
upgrade() {
	local before old_pid new_version=$1 old_version

	if [ -d "$undo" ]; then
		warn "an earlier upgrade was interrupted; the version that it was to replace stays the one to roll back to"
		old_version=$(cat "$undo/version")
	else
		old_version=$(version_of "$program") || old_version=unknown
	fi
	before=$(daemon_state "$program")
	old_pid=$(service_pid)
	say "$old_version is installed ($before), $new_version takes its place."

	[ -d "$undo" ] || keep_installed
	place "$package"
	if [ "$before" = stopped ]; then
		keep_undo_as_previous
		say "The service is stopped and was left so."
		return 0
	fi

	mark_service_starts
	if ! hand_over "$undo/files/opt/macrunners/bin/macrunners"; then
		put_back
		fail "$exit_refused" "the running daemon could not be asked to make way: see above. The files are as before, and it runs on. With --force it is ended as by a crash; jobs go on."
	fi
	service_start
	if takes_over "$new_version" "$before" "$old_pid"; then
		say "$new_version runs (process $(status_field pid)) and goes on with $(status_field busy) job(s)."
		settle_definition
		keep_undo_as_previous
		return 0
	fi

	if [ "$before" = failing ]; then
		keep_undo_as_previous
		fail "$exit_broken" "$new_version is installed, but $why Nor did $old_version run before."
	fi
	warn "$new_version does not do: $why"
	roll_back "$old_version" "$before"
}

# Definitions that the service manager reads only when it loads the service anew: now when no job would notice.
settle_definition() {
	local definitions
	# shellcheck disable=SC2207 # paths of ours, without spaces
	definitions=($(service_definitions))
	differs "${definitions[@]}" || return 0
	if [ "$(status_field busy)" = 0 ]; then
		service_stop
		service_start
		wait_until "$limit" ask "$program" || warn "the daemon does not answer after its service was loaded anew. $(service_log_hint)"
	else
		say "${definitions[*]/#//} changed as well. That is in force after the next boot, or once no job runs: $(service_reload_hint)"
	fi
}

put_back() {
	stage "$undo"
	place "$undo"
	rm -rf "$undo"
}

# usage: roll_back VERSION STATE
roll_back() {
	local failed_pid
	failed_pid=$(service_pid)
	# What ran before is expected to run; impatience was for the new version.
	[ "$limit" -ge 120 ] || limit=120
	stage "$undo"
	place "$undo"
	mark_service_starts
	# The failed one may run and hang. Its jobs go on either way.
	force=1 hand_over "$package/files/opt/macrunners/bin/macrunners" 2>/dev/null || true
	service_start
	if takes_over "$1" "$2" "$failed_pid"; then
		rm -rf "$undo"
		fail "$exit_rolled_back" "$1 is back and runs (process $(status_field pid)); running jobs went on. Nothing else was changed."
	fi
	fail "$exit_broken" "$1 is back, but $why Both versions fail: look at the machine. $(service_log_hint)"
}
