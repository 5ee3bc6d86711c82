#!/bin/bash
# What every attack has at hand: this text stands before each of them. Bash 3.2, and nothing that macOS lacks.
# shellcheck disable=SC2016,SC2034
#
# Given in the environment: MARK, with which every name outside the home begins; RUN, with which every MARK of one run begins; SECRET, which
# must be found nowhere afterwards; CANARIES, a folder that must not change; SHARED_PLACES and SEARCH_ROOTS, folders with colons between; PORT,
# a free one; FILES, DEPTH and MEGABYTES, how much of what; DAEMON_*, the process under attack and what is its own; SYSTEM_ROOT, which stands
# before the paths of an emulated system; BESIDE_*, the account beside this one.

PLACES=()
IFS=: read -r -a SHARED <<<"${SHARED_PLACES-}"
for place in "${SHARED[@]}"; do
	# Not all of them hold folders: one may be the kernel's list of message queues.
	if mkdir "$place/$MARK" 2>/dev/null; then rmdir "$place/$MARK" && PLACES+=("$place"); fi
done
IFS=: read -r -a SEARCH <<<"${SEARCH_ROOTS-}"

# Said about an attempt that the machine did not let succeed.
refused() { echo "refused $1"; }

# Said about one that it should not have let succeed.
breach() { echo "BREACH $*"; }

# An attempt that must not succeed: its name, then the command.
must_fail() {
	local attempt=$1
	shift
	if "$@" </dev/null >/dev/null 2>&1; then breach "$attempt: $*"; else refused "$attempt"; fi
}

# This attack cannot be made here.
skip() {
	echo "skip $*"
	exit 0
}

# Everything was tried.
finish() { exit 0; }

# Starts a command that nothing ties to this job any more; it runs when this returns.
leave() {
	perl -MPOSIX=setsid -e '
		pipe my $until, my $exec;
		if (fork) { close $exec; <$until>; exit }
		setsid();
		exit if fork;
		open STDIN, "<", "/dev/null";
		open STDOUT, ">", "/dev/null";
		open STDERR, ">", "/dev/null";
		exec { $ARGV[0] } @ARGV;
		exit 127;' -- "$@"
}

# Kills the agent, and whatever else is above this job and can be reached.
kill_all_above() {
	local above="" parent=$PPID process
	while [ "${parent:-0}" -gt 1 ]; do
		above="$parent $above"
		parent=$(ps -o ppid= -p "$parent" | tr -d ' ')
	done
	for process in $above; do kill -KILL "$process" 2>/dev/null; done
}

# Number of a system call, by its name; nothing where it is not known.
system_call() {
	case "$1-$(uname -s)-$(uname -m)" in
	mount-Linux-x86_64) echo 165 ;;
	mount-Linux-aarch64) echo 40 ;;
	ptrace-Linux-x86_64) echo 101 ;;
	ptrace-Linux-aarch64) echo 117 ;;
	renameat2-Linux-x86_64) echo 316 ;;
	renameat2-Linux-aarch64) echo 276 ;;
	mq_open-Linux-x86_64) echo 240 ;;
	mq_open-Linux-aarch64) echo 180 ;;
	add_key-Linux-x86_64) echo 248 ;;
	add_key-Linux-aarch64) echo 217 ;;
	keyctl-Linux-x86_64) echo 250 ;;
	keyctl-Linux-aarch64) echo 219 ;;
	exit-Linux-x86_64) echo 60 ;;
	exit-Linux-aarch64) echo 93 ;;
	renameatx_np-Darwin-*) echo 488 ;;
	esac
}

# Root prepares something first.
if [ -n "${GATE-}" ]; then
	until [ -e "$GATE" ]; do sleep 0.02; done
fi
