#!/bin/bash
# shellcheck disable=SC2034,SC2154 # shared with lib/
# The last thing in a builder VM: nothing secret, nothing enabled, nothing stale. Removes what the build has left, then proves that
# it is gone; what only a person can judge is not removed but refused. Works with the bash 3.2 of macOS.
set -euo pipefail
umask 022

usage() {
	cat <<-'HELP'
		usage: finish-image.sh [--check] [--remove FOLDER] [--admin NAME]

		  --check          change nothing; say what would have to be removed
		  --remove FOLDER  what the build was copied to; goes, too
		  --admin NAME     the administrator, in whose home the build has worked (default admin)

		Exit codes: 0 nothing is left, 1 something is, 64 unknown option, 77 not root.
	HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
for part in steps software; do
	# shellcheck source=/dev/null
	. "$here/lib/$part.sh"
done

remove=''
admin='admin'
while [ "$#" -gt 0 ]; do
	case $1 in
	--check) check=1 ;;
	--remove | --admin)
		[ "$#" -ge 2 ] || refuse 64 "$1 needs a value; try --help"
		if [ "$1" = --remove ]; then remove=$2; else admin=$2; fi
		shift
		;;
	--help | -h)
		usage
		exit 0
		;;
	*) refuse 64 "unknown option $1; try --help" ;;
	esac
	shift
done
[ "$(id -u)" = 0 ] || refuse 77 "this must be run as root"
case $admin in
'' | *[!A-Za-z0-9_.-]*) refuse 64 "--admin '$admin' is no account's name" ;;
esac

homes="$root/private/var/root $root/Users/$admin"

# Paths that exist, one a line. usage: existing PATH…
existing() {
	local path
	for path in "$@"; do
		if [ -e "$path" ] || [ -L "$path" ]; then
			printf '%s\n' "$path"
		fi
	done
}

# A kind of leftovers is a function NAME_paths; a step of it removes them. usage: gone_… NAME
gone_is_done() { [ -z "$("${1}_paths")" ]; }

gone_do() {
	local path
	"${1}_paths" | while IFS= read -r path; do
		echo "removing $path"
		rm -rf "$path"
	done
}

# Of a VM, not of an image: each VM makes its own.
host_keys_paths() { existing "$root"/private/etc/ssh/ssh_host_*; }

history_paths() {
	local home
	for home in $homes; do
		existing "$home"/.*_history "$home/.zsh_sessions" "$home/.bash_sessions" "$home/.viminfo" "$home/.lesshst" "$home/.node_repl_history"
	done
}

downloads_paths() { existing "$downloads" "$root"/opt/*.new; }

# What a login or an enrolment leaves. Who puts one on purpose into an image puts it into every job's reach.
credentials_paths() {
	local home
	for home in $homes; do
		existing "$home/.netrc" "$home/.npmrc" "$home/.git-credentials" "$home/.aws" "$home/.docker" "$home/.config/gh" "$home/.ssh" "$home/.gnupg"
	done
	existing "$root/opt/macrunners/etc/agent-token" "$root/opt/macrunners/etc/macrunners.json" "$root/private/var/macrunners/journal" \
		"$root/Library/Tailscale" "$root/private/var/lib/tailscale" "$root/private/etc/kcpassword"
}

# sudo notes every command there, with what it was given. Its call of this script is noted again by each check.
unified_log_is_done() {
	local entries
	entries=$(log show --style compact --predicate 'process == "sudo"') || return 1
	[ -z "$(printf '%s\n' "$entries" | sed -n '/COMMAND=/ { /finish-image\.sh/!p; }')" ]
}

unified_log_do() { log erase --all; }

logs_paths() { existing "$root/private/var/log/macrunners" "$root/private/var/log/macrunners-first-boot.log" "$root"/private/var/log/install.log*; }

# Files in which software keeps tokens, and which hold something that looks like one. Only named: removing them may break what reads them.
secret_files() {
	local home
	{
		for home in $homes; do
			find "$home" -maxdepth 2 -name '.*' -type f -size -1024k 2>/dev/null
		done
		find "$root/opt/macrunners" "$root/private/etc" "$root/Library/LaunchDaemons" "$root/usr/local/etc" "$root/opt/homebrew/etc" -type f -size -1024k ! -path '*/bin/*' ! -path '*/lib/*' 2>/dev/null
	} | while IFS= read -r file; do
		if grep -Eql 'bk(ct|ua|jat|at)_[A-Za-z0-9]{8}|gh[pousr]_[A-Za-z0-9]{20}|github_pat_[A-Za-z0-9]{20}|AKIA[A-Z0-9]{16}|tskey-[a-z]+-[A-Za-z0-9]{8}|AGE-SECRET-KEY-1[A-Z0-9]{8}|-----BEGIN [A-Z ]*PRIVATE KEY|_authToken=' "$file"; then
			printf '%s\n' "$file"
		fi
	done
}

no_secrets_is_done() { [ -z "$(secret_files)" ]; }

no_secrets_do() { fail_step "these files hold something that looks like a secret: $(secret_files | tr '\n' ' ')"; }

# A daemon that waits for its configuration would crash and be started again while the disk is captured.
not_enabled_is_done() {
	[ ! -e "$root/Library/LaunchDaemons/com.macrunners.daemon.plist" ] || daemon_is_disabled
}

not_enabled_do() { launchctl disable system/com.macrunners.daemon; }

not_running_is_done() { ! launchctl print system/com.macrunners.daemon; }

not_running_do() { fail_step "the daemon is loaded: launchctl bootout system/com.macrunners.daemon, and find out who loaded it"; }

no_network_login_is_done() { ! launchctl print system/com.tailscale.tailscaled && ! launchctl print system/homebrew.mxcl.tailscale; }

no_network_login_do() { fail_step "tailscaled is loaded: a VM joins with a key of its own, an image does not"; }

no_jobs_is_done() { [ -z "$(existing "$root"/Users/bk-*)" ]; }

no_jobs_do() { fail_step "homes of jobs are there: $(existing "$root"/Users/bk-* | tr '\n' ' ')"; }

build_paths() { existing "$remove"; }

all_steps() {
	step "no daemon enabled" not_enabled
	step "no daemon running" not_running
	step "no private network joined" no_network_login
	step "no job's home" no_jobs
	step "no downloads, nothing half unpacked" gone downloads
	step "no credentials" gone credentials
	step "no host keys" gone host_keys
	step "no secrets in files" no_secrets
	step "no history of shells" gone history
	step "no logs of the build" gone logs
	step "no commands of the build in the system's log" unified_log
	[ -z "$remove" ] || step "nothing of the build" gone build
}

run_steps all_steps
[ -n "$check" ] || rm -f "$log"
