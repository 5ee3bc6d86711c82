#!/bin/bash
# shellcheck disable=SC2034,SC2154 # shared with lib/
# Makes a macOS base image an image for jobs: the manifest's software, the daemon, hardening. Asks nothing, can be run again at
# any time, and goes on where a run before it failed. Works with the bash 3.2 of macOS.
set -euo pipefail
umask 022

usage() {
	cat <<-'HELP'
		usage: bootstrap-macos.sh [--check] [--software FOLDER] [--daemon FOLDER] [--ssh-key FILE] [--admin NAME] [--storage-credentials]

		  --check            change nothing; say which steps would have something to do
		  --software FOLDER  with manifest.tsv and manifest.json (default: ../software beside this script)
		  --daemon FOLDER    an unpacked package of MacRunners: it is installed, and stays disabled
		  --ssh-key FILE     the operator's public keys; without them nobody can log in over SSH afterwards
		  --admin NAME       the base image's administrator, who owns Homebrew (default admin); gets a random password that nobody knows
		  --storage-credentials  read from standard input what opens the operator's own storage, NAME=value a line, by the names of
		                     the manifest: a header "Authorization: …", or a whole https address that is signed itself

		Exit codes: 0 everything is done, 1 a step failed or (--check) has something to do, 64 unknown option, 65 the manifest has
		faults, 69 this is no macOS of the manifest, 77 not root.
	HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
for part in steps software environment hardening; do
	# shellcheck source=/dev/null
	. "$here/lib/$part.sh"
done

software=$here/../software
daemon=''
key=''
admin='admin'
while [ "$#" -gt 0 ]; do
	case $1 in
	--check) check=1 ;;
	--storage-credentials) credentials=$(cat) ;;
	--software | --daemon | --ssh-key | --admin)
		[ "$#" -ge 2 ] || refuse 64 "$1 needs a value; try --help"
		case $1 in
		--software) software=$2 ;;
		--daemon) daemon=$2 ;;
		--ssh-key) key=$2 ;;
		--admin) admin=$2 ;;
		esac
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

# Every fault of the manifest, one a line.
manifest_faults() {
	local how name version of url sha256 format top links credential rest line=0
	while IFS=$'\t' read -r how name version of url sha256 format top links credential rest; do
		line=$((line + 1))
		case $how in
		'#'*) continue ;;
		macos)
			[ -n "$name" ] || echo "line $line: macos has no version"
			continue
			;;
		archive | xcode | simulator)
			[ "${version:--}" != - ] || echo "line $line: ${name:-?} has no version"
			case ${url:--} in
			http://* | https://*) ;;
			*) echo "line $line: ${name:-?} has no url" ;;
			esac
			case ${sha256:--} in
			*[!0-9a-f]*) echo "line $line: ${name:-?} has no sha256" ;;
			*) [ "${#sha256}" = 64 ] || echo "line $line: ${name:-?} has a sha256 of ${#sha256} digits" ;;
			esac
			case ${credential:--} in
			*[!A-Z0-9_-]*) echo "line $line: ${name:-?} has a credential that is no name" ;;
			esac
			if [ "$how" = archive ] && [ "${links:--}" = - ]; then
				echo "line $line: ${name:-?} has no links"
			fi
			;;
		homebrew) [ "${links:--}" != - ] || echo "line $line: ${name:-?} has no formula" ;;
		softwareupdate) ;;
		*) echo "line $line: nobody knows how to install by '$how'" ;;
		esac
		case ${of:-?} in
		arm64 | x64 | any) ;;
		*) echo "line $line: ${name:-?} has no processor" ;;
		esac
		[ -z "$rest" ] || echo "line $line: ${name:-?} has too many columns"
	done <"$manifest"
}

preflight() {
	local version known faults
	[ "$(id -u)" = 0 ] || refuse 77 "this must be run as root"
	manifest=$software/manifest.tsv
	for part in manifest.tsv manifest.json; do
		[ -f "$software/$part" ] || refuse 65 "$software has no $part"
	done
	faults=$(manifest_faults)
	[ -z "$faults" ] || refuse 65 "$manifest has faults:
$faults"
	version=$(sw_vers -productVersion) || refuse 69 "this is not macOS"
	known=$(sed -n $'s/^macos\t//p' "$manifest" | tr '\n' ' ')
	case " $known" in
	*" ${version%%.*} "*) ;;
	*) refuse 69 "macOS $version is not in the manifest, which knows ${known% }" ;;
	esac
	case $(uname -m) in
	arm64)
		processor=arm64
		brew_prefix=/opt/homebrew
		;;
	x86_64)
		processor=x64
		brew_prefix=/usr/local
		;;
	*) refuse 69 "the processor $(uname -m) is unknown" ;;
	esac
	case $admin in
	'' | *[!A-Za-z0-9_.-]*) refuse 64 "--admin '$admin' is no account's name" ;;
	esac
	id "$admin" >/dev/null 2>&1 || refuse 64 "there is no account '$admin': see --admin"
	[ -z "$daemon" ] || [ -x "$daemon/install.sh" ] || refuse 64 "--daemon $daemon is no unpacked package"
	[ -z "$key" ] || [ -f "$key" ] || refuse 64 "--ssh-key $key does not exist"
	say "macOS $version on $processor, $(date -u +%Y-%m-%dT%H:%M:%SZ)"
}

software_steps() {
	local how name version of url sha256 format top links credential
	while IFS=$'\t' read -r how name version of url sha256 format top links credential <&3; do
		case $of in
		"$processor" | any) ;;
		*) continue ;;
		esac
		case $how in
		archive) step "$name $version" archive "$name" "$version" "$url" "$sha256" "$format" "$top" "$links" "$credential" ;;
		xcode | simulator) step "$name $version" "$how" "$name" "$version" "$url" "$sha256" "$credential" ;;
		homebrew) step "$name (Homebrew)" homebrew "$links" ;;
		softwareupdate) step "$name" softwareupdate ;;
		esac
	done 3<"$manifest"
}

all_steps() {
	software_steps
	step "manifest" manifest "$software/manifest.json"
	[ -z "$daemon" ] || step "daemon, disabled" daemon "$daemon"
	step "shell profile" profile
	step "name of a new VM" first_boot "$here"
	step "Spotlight off" spotlight
	step "Time Machine off" time_machine
	step "automatic updates off" updates
	step "never asleep" sleep
	step "cron for root only" only_root cron
	step "at for root only" only_root at
	step "no automatic login" auto_login
	[ -z "$key" ] || step "SSH keys" key "$key"
	step "SSH by key only" ssh
	step "sudo for whoever has the key" sudo
	# The last: whoever still needs the old one could not go on.
	step "password of $admin" password
}

preflight
run_steps all_steps
