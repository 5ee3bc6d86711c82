# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# The daemon, as its own verbs tell of it. Sourced.

# Of an executable; fails when it cannot be run. usage: version_of PROGRAM
version_of() {
	local text
	text=$("$1" version 2>/dev/null) || return 1
	# macrunners VERSION (COMMIT) RID
	case $text in
	'macrunners '?*) text=${text#macrunners } && printf '%s\n' "${text%% *}" ;;
	*) return 1 ;;
	esac
}

# A field of the daemon's status; empty when it does not answer. usage: status_field NAME, after ask
status_field() {
	printf '%s\n' "$status" | sed -n "s/^ *\"$1\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | sed -n 1p
}

# Asks the daemon for its status, over the socket that only root can use. usage: ask PROGRAM
ask() {
	status=$(limited 10 "$1" status --json --config "$config" 2>/dev/null) || status=''
	[ -n "$status" ]
}

# A setting as the daemon would use it. usage: setting PROGRAM KEY
setting() {
	{ "$1" config show --config "$config" 2>/dev/null || true; } | sed -n "s/^$2  *\(.*[^ ]\)   (.*)\$/\1/p"
}

# Runs a command for at most so long: macOS has no timeout(1). usage: limited SECONDS COMMAND...
limited() {
	local end=$((SECONDS + $1)) child
	shift
	"$@" &
	child=$!
	while kill -0 "$child" 2>/dev/null; do
		[ "$SECONDS" -lt "$end" ] || kill -KILL "$child" 2>/dev/null || true
		sleep 0.05
	done
	wait "$child"
}

# What the daemon is at now: stopped (and nobody wants it to run), failing, live, or healthy. usage: daemon_state PROGRAM
daemon_state() {
	if ! service_is_wanted; then
		echo stopped
	elif [ -z "$(service_pid)" ] || ! ask "$1"; then
		echo failing
	elif [ "$(status_field status)" = unhealthy ]; then
		echo live
	else
		echo healthy
	fi
}

# Ends the running daemon so that its jobs go on; the service manager starts it again. usage: hand_over PROGRAM
hand_over() {
	local pid asking
	pid=$(service_pid)
	[ -n "$pid" ] || return 0
	# The verb returns when the next start answers. That it has ended is enough here: the rest is up to the new version.
	"$1" restart --config "$config" >/dev/null &
	asking=$!
	until has_ended "$pid"; do
		if ! kill -0 "$asking" 2>/dev/null; then
			[ -n "$force" ] || return 1
			# What a crash does: everything that counts is on disk, and agents are not children that die with it.
			warn "the daemon (process $pid) is ended by force; its jobs go on"
			kill -KILL "$pid" 2>/dev/null || true
			wait_until 30 has_ended "$pid" || return 1
		fi
		sleep 0.1
	done
	kill "$asking" 2>/dev/null || true
	wait "$asking" 2>/dev/null || true
}

has_ended() { [ "$(service_pid)" != "$1" ]; }

# usage: wait_until SECONDS COMMAND...
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

# Waits for a daemon of a version that is as well as the one before, and stays so. Says why not.
# usage: takes_over VERSION STATE OLD_PID
takes_over() {
	local version=$1 wanted=$2 old=$3 end=$((SECONDS + limit)) pid='' well='' state
	why="it did not answer within $limit s"
	# One that is well at the end of the time has still to stay so.
	while [ "$SECONDS" -lt "$end" ] || { [ -n "$pid" ] && [ "$SECONDS" -le $((end + settle)) ]; }; do
		if service_has_failed; then
			why="it ended right after its start. $(service_log_hint)"
			return 1
		fi
		if ask "$program" && [ "$(status_field version)" = "$version" ] && [ "$(status_field pid)" != "$old" ]; then
			state=$(status_field status)
			if [ "$wanted" != healthy ] || [ "$state" != unhealthy ]; then
				# It must still be this process after a while: one that crashes soon is no success.
				if [ "$pid" != "$(status_field pid)" ]; then
					pid=$(status_field pid)
					well=$SECONDS
				elif [ $((SECONDS - well)) -ge "$settle" ]; then
					return 0
				fi
			else
				why="it runs but is unhealthy, which the one before was not: $(unhealthy_checks)"
				pid=''
			fi
		fi
		sleep 0.2
	done
	return 1
}

# Names of the checks that fail, as the status asked for last has them.
unhealthy_checks() {
	printf '%s\n' "$status" | awk -F'"' '$2 == "name" { name = $4 } $2 == "status" && $4 == "unhealthy" && name { print name; name = "" }' | paste -sd, -
}
