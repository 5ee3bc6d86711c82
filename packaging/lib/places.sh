# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# Where things are, and whether root may write there. Sourced.

# Empty but for a volume that is being prepared, and for an emulated Mac in tests.
root=${INSTALL_ROOT:-}

home=$root/opt/macrunners
program=$home/bin/macrunners
config=$home/etc/macrunners.json
token=$home/etc/agent-token
manifest=$home/manifest # every installed file, one path a line
previous=$home/previous # the version before, as a package: what --rollback installs
undo=$home/undo         # the same while an upgrade is under way; whoever finds it knows that one was interrupted
readonly root home program config token manifest previous undo

# The reason why somebody else could change what root finds under a path; nothing when it is safe. What does not exist is safe.
unsafe_component() {
	local rest=${1#/} here='' listing
	while [ -n "$rest" ]; do
		here=$here/${rest%%/*}
		case $rest in
		*/*) rest=${rest#*/} ;;
		*) rest='' ;;
		esac
		[ -e "$here" ] || [ -L "$here" ] || return 0
		# Mode, links, owner, group: the same on both systems, unlike stat(1).
		listing=$(ls -ldn -- "$here")
		case $listing in
		l*)
			echo "$here is a symbolic link"
			return 0
			;;
		????????w*)
			echo "$here can be written to by everybody"
			return 0
			;;
		esac
		# shellcheck disable=SC2086 # words are wanted
		set -- $listing
		if [ "$3" != 0 ]; then
			echo "$here belongs to user number $3"
			return 0
		fi
		case $1 in
		?????w*)
			if [ "$4" != 0 ]; then
				echo "$here can be written to by group number $4"
				return 0
			fi
			;;
		esac
	done
}

# Makes a folder of root's with its parents. usage: make_folder PATH [MODE]
make_folder() {
	local parent=${1%/*}
	[ -d "$1" ] || [ -z "$parent" ] || make_folder "$parent"
	[ -d "$1" ] || mkdir "$1"
	[ -z "${2:-}" ] || chmod "$2" "$1"
}

# Removes a folder and its parents while they are empty and of MacRunners: never one that the system had before (macOS itself has no
# /usr/local/var).
remove_empty_folders() {
	local folder=$1
	while :; do
		case ${folder#"$root"} in
		/opt/macrunners | /opt/macrunners/* | /usr/local/bin/bun-ci | /usr/local/var/log/buildkite-agent | /usr/local/var/log | /usr/local/var) rmdir "$folder" 2>/dev/null || return 0 ;;
		*) return 0 ;;
		esac
		folder=${folder%/*}
	done
}
