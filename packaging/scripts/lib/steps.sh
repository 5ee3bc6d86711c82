# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# Steps with progress, timing and a name to fail by. Sourced.
#
# A step is two functions: NAME_is_done looks whether there is anything to do, NAME_do does it. So a second run does nothing,
# and a run after a failure goes on where that one ended, without a record that could be wrong.

# Empty but for an emulated Mac in tests: the prefix of every path.
root=${IMAGE_ROOT:-}
# Nobody else's programs, whatever the environment says.
PATH=${root:+$root/usr/bin:}/usr/bin:/bin:/usr/sbin:/sbin
export PATH LC_ALL=C

check=''    # only look
counting='' # only count the steps
total=0
number=0
pending=0
current=''
why=''
log=$root/private/var/log/macrunners-image.log

# A step's own outputs go to the log, and it may end the script.
exec 5>&2

say() { printf '%s\n' "$*"; }

# Ends the script before its first step. usage: refuse CODE MESSAGE
refuse() {
	printf '%s: %s\n' "${0##*/}" "$2" >&2
	exit "$1"
}

# Ends the step and with it the script.
fail_step() {
	why=$1
	exit 1
}

# usage: step TITLE NAME ARGUMENT…
step() {
	local title=$1 action=$2 began=$SECONDS
	shift 2
	if [ -n "$counting" ]; then
		total=$((total + 1))
		return 0
	fi
	number=$((number + 1))
	current=$title
	if "${action}_is_done" "$@" </dev/null >/dev/null 2>&1; then
		say "[$number/$total] $title: is so already"
	elif [ -n "$check" ]; then
		say "[$number/$total] $title: TO DO"
		pending=$((pending + 1))
	else
		say "[$number/$total] $title ..."
		printf -- '--- %s\n' "$title" >>"$log"
		"${action}_do" "$@" </dev/null >>"$log" 2>&1
		# What a tool said of itself is not believed.
		"${action}_is_done" "$@" </dev/null >/dev/null 2>&1 || fail_step "everything ran, and it is not as it should be"
		say "[$number/$total] $title: done in $((SECONDS - began)) s"
	fi
	current=''
}

# Set as trap of EXIT.
say_what_failed() {
	local code=$?
	if [ "$code" = 0 ] || [ -z "$current" ]; then
		return 0
	fi
	exec >&5 2>&5
	tail -n 20 "$log" | sed 's/^/  | /'
	printf '%s: step %s of %s (%s) failed after %s s: %s\n' "${0##*/}" "$number" "$total" "$current" "$SECONDS" "${why:-exit code $code}"
	printf 'Log: %s. Run it again when the cause is gone: it goes on here.\n' "$log"
}

# Runs all steps that FUNCTION names. usage: run_steps FUNCTION
run_steps() {
	counting=1
	"$1"
	counting=''
	if [ -z "$check" ]; then
		mkdir -p "${log%/*}"
		# With the addresses of the operator's own storage in it.
		(umask 077 && : >>"$log")
	fi
	trap say_what_failed EXIT
	trap 'why="interrupted"; exit 130' INT TERM HUP
	"$1"
	if [ -n "$check" ]; then
		say "$((total - pending)) of $total steps have nothing to do."
		[ "$pending" = 0 ] || exit 1
	else
		say "All $total steps are done, in $SECONDS s."
	fi
}

# Replaces a file of root's as a whole. usage: write_file PATH MODE < content
write_file() {
	mkdir -p "${1%/*}"
	cat >"$1.new"
	chmod "$2" "$1.new"
	mv -f "$1.new" "$1"
}
