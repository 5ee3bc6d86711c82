#!/bin/bash
# shellcheck disable=SC2034,SC2154 # shared with lib/
# Installs MacRunners from the package beside this script, or replaces the version that is installed, under running jobs.
# Works with the bash 3.2 of macOS.
set -euo pipefail
umask 022

usage() {
	cat <<-'HELP'
		usage: install.sh [--dry-run] [--rollback] [--force] [--wait SECONDS] [--no-start]

		Installs the version in this package. Where one is installed already, it is replaced while jobs run: the daemon hands over
		to the new version, which takes running jobs up again. When the new one does not run as well as the one before, that comes
		back by itself. Configuration and token are never touched. An older package is installed the same way; a daemon that finds
		a newer one's journal refuses to run, and so the newer version comes back.

		  --rollback       install the version before the present one again (it is kept in /opt/macrunners/previous)
		  --dry-run        check everything, say what would be done, change nothing
		  --force          end a daemon that does not answer as a crash would (its jobs go on), and accept a configuration that the
		                   new version finds faults in
		  --wait SECONDS   how long the new version may take until it runs (default 120)
		  --no-start       only files: for an image or a mounted volume

		Exit codes: 0 done, 1 refused and nothing changed, 3 the new version did not run and the one before is back,
		4 what is installed does not run, 64 unknown option.
	HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# In an unpacked package the parts are among the files to be installed; once installed, they are beside this script.
lib=$here/files/opt/macrunners/lib
[ -d "$lib" ] || lib=$here/lib
for part in messages places files daemon service upgrade; do
	# shellcheck source=/dev/null
	. "$lib/$part.sh"
done

package=$here
dry_run=''
rollback=''
force=''
start=1
limit=120
settle=5 # seconds that a new daemon must have lived
while [ "$#" -gt 0 ]; do
	case $1 in
	--dry-run) dry_run=1 ;;
	--rollback) rollback=1 ;;
	--force) force=1 ;;
	--no-start) start='' ;;
	--wait)
		[ "$#" -ge 2 ] || fail "$exit_usage" "--wait needs a number of seconds."
		case $2 in
		'' | *[!0-9]*) fail "$exit_usage" "--wait $2: give a number of seconds." ;;
		esac
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

# What must be so before anything is touched.
preflight() {
	local free
	[ "$(id -u)" = 0 ] || refuse "This must be run as root."
	if [ -n "$rollback" ]; then
		if [ -d "$undo" ]; then package=$undo; else package=$previous; fi
		[ -d "$package/files" ] || refuse "There is no version to roll back to: $previous does not exist."
	fi
	[ -f "$package/version" ] || refuse "$package is not a package: unpack the archive and run its install.sh, or use --rollback."
	[ "$(cat "$package/rid")" = "$(service_rid)" ] || refuse "This package is for $(cat "$package/rid"), the machine is $(service_rid)."
	service_preflight
	require_safe_places "$package"
	free=$(df -Pk "$(existing_parent "$home")" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge 204800 ] || refuse "$((free / 1024)) MiB are free below $home: 200 are needed."
}

existing_parent() {
	local path=$1
	while [ ! -d "${path:-/}" ]; do path=${path%/*}; done
	printf '%s\n' "${path:-/}"
}

# The new program, before it is put into place: does it run here, and does it accept the configuration that the present one accepts?
check_program() {
	local new=$1
	[ "$(version_of "$new")" = "$(cat "$package/version")" ] || return 1
	[ -f "$config" ] && [ -f "$program" ] || return 0
	if "$program" config validate --config "$config" >/dev/null 2>&1 && ! "$new" config validate --config "$config" >/dev/null; then
		[ -n "$force" ] || return 2
		warn "the new version finds these faults in $config"
	fi
}

install_first() {
	make_folder "$home/etc"
	service_make_folders
	place "$package"
	if [ -z "$start" ]; then
		say "The files are in place; nothing was started."
	elif [ -f "$config" ]; then
		service_enable
		mark_service_starts
		service_start
		takes_over "$(cat "$package/version")" live none ||
			fail "$exit_broken" "Installed, but $why"
		say "macrunners $(cat "$package/version") runs (process $(status_field pid))."
	else
		service_disable
		say "macrunners $(cat "$package/version") is installed and not started: it has no configuration yet. Next, as root:"
		say ""
		say "  (umask 077 && cat >/opt/macrunners/etc/agent-token)      # paste the cluster token, Enter, Ctrl-D: so it is in no history"
		say "  cp /opt/macrunners/etc/macrunners.json.example /opt/macrunners/etc/macrunners.json      # and edit it; then: macrunners config validate"
		say "  $(service_enable_hint)"
	fi
}

preflight
new_version=$(cat "$package/version")
if [ -n "$dry_run" ]; then
	say "Would install $new_version over ${root:-this machine}: $(if [ -f "$program" ]; then version_of "$program" || echo unknown; else echo nothing; fi) is there."
	installable_files "$package" | sed 's|^|  /|'
	exit 0
fi

make_folder "$home"
mkdir "$home/installing" 2>/dev/null || refuse "Another installation is under way. If not: rmdir $home/installing"
trap 'rmdir "$home/installing" 2>/dev/null; rm -rf "$home/rollback"; service_clean_up; [ ! -d "$undo" ] || warn "interrupted: $home/install.sh --rollback brings the version before back"' EXIT
trap 'exit 130' INT TERM HUP

# The folder that is installed from must not change while it is.
if [ "$package" = "$previous" ]; then
	rm -rf "$home/rollback"
	cp -pPR "$previous" "$home/rollback"
	package=$home/rollback
elif [ "$package" = "$undo" ]; then
	# An upgrade was interrupted, and what runs now may be either version.
	stage "$undo"
	place "$undo"
	if service_is_wanted; then
		force=1 hand_over "$program"
		service_start
	fi
	rm -rf "$undo"
	say "$new_version is back."
	exit 0
fi

stage "$package"
checked=0
check_program "$program.new" || checked=$?
if [ "$checked" != 0 ]; then
	unstage "$package"
	if [ "$checked" = 2 ]; then
		refuse "Version $new_version finds faults in $config that the present one does not: see above."
	fi
	refuse "The program in the package does not run on this machine."
fi
if [ -f "$manifest" ] && [ -n "$start" ]; then
	service_make_folders
	upgrade "$new_version"
elif [ -f "$manifest" ]; then
	place "$package"
	say "The files are in place; nothing was started."
else
	install_first
fi
