#!/bin/bash
# The first hour with a Mac: tries every contract of the system's commands that MacRunners relies on, on the real ones, and prints a report in
# Markdown, so that a fact that is otherwise than believed becomes a line to change. Needs root. Makes accounts mr-probe-… and removes them.
#
# usage: probe.sh [--as-daemon] [--volumes] [--program FILE] [--root FOLDER]
#   --as-daemon     run under launchd, as the daemon does: rights (Full Disk Access) are those of a LaunchDaemon, not of this terminal
#   --volumes       also make, mount and delete an APFS volume, as a home of its own would be
#   --program FILE  a macrunners, which starts programs as it starts jobs' agents; default: /opt/macrunners/bin/macrunners
#   --root FOLDER   take the commands from below FOLDER (an emulated Mac)
#
# Exit code: 0 everything confirmed is as stated, 1 something differs, 64 usage, 77 not root.
set -uo pipefail
export LC_ALL=C

root=""
program=/opt/macrunners/bin/macrunners
volumes=""
as_daemon=""
while [ "$#" -gt 0 ]; do
	case "$1" in
	--as-daemon) as_daemon=1 ;;
	--volumes) volumes=1 ;;
	--program)
		program=${2:?--program needs a file}
		shift
		;;
	--root)
		root=${2:?--root needs a folder}
		shift
		;;
	-h | --help)
		sed -n '2,/^set /p' "$0" | sed -e '$d' -e 's/^# \{0,1\}//'
		exit 0
		;;
	*)
		echo "probe.sh: unknown argument $1; try --help" >&2
		exit 64
		;;
	esac
	shift
done
if [ "$(id -u)" != 0 ]; then
	echo "probe.sh: start it as root: sudo $0" >&2
	exit 77
fi

dscl=$root/usr/bin/dscl
launchctl=$root/bin/launchctl
diskutil=$root/usr/sbin/diskutil
label=com.macrunners.probe
plist=$root/Library/LaunchDaemons/$label.plist

end_daemon() {
	"$launchctl" bootout "system/$label" 2>/dev/null
	rm -f "$plist"
	rm -rf "$report"
}

launch_as_daemon() {
	local code=1 waited=0
	report=$(mktemp -d)
	# What root would run again at the next start of the machine must not stay when this is interrupted, nor lie in somebody's clone.
	trap end_daemon EXIT
	trap 'exit 130' INT TERM HUP
	cp "$0" "$report/probe.sh"
	cat >"$plist" <<-PLIST
		<?xml version="1.0" encoding="UTF-8"?>
		<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
		<plist version="1.0"><dict>
		<key>Label</key><string>$label</string>
		<key>ProgramArguments</key><array>
		<string>/bin/bash</string><string>-c</string>
		<string>"\$@"; echo \$? &gt;"\$0"</string><string>$report/code</string>
		<string>/bin/bash</string><string>$report/probe.sh</string>
		<string>--program</string><string>$program</string>
		<string>--root</string><string>$root</string>$([ -z "$volumes" ] || echo "<string>--volumes</string>")
		</array>
		<key>RunAtLoad</key><true/>
		<key>ProcessType</key><string>Interactive</string>
		<key>StandardOutPath</key><string>$report/out</string>
		<key>StandardErrorPath</key><string>$report/err</string>
		</dict></plist>
	PLIST
	chmod 644 "$plist"
	if "$launchctl" bootstrap system "$plist"; then
		while [ ! -s "$report/code" ] && [ "$waited" -lt 900 ]; do
			sleep 1
			waited=$((waited + 1))
		done
		cat "$report/out"
		cat "$report/err" >&2
		code=$(cat "$report/code" 2>/dev/null || echo 1)
	fi
	return "$code"
}

if [ -n "$as_daemon" ]; then
	launch_as_daemon
	exit
fi

scratch=$(mktemp -d)
chmod 755 "$scratch"
differing=0 agreeing=0 answered=0 absent=0
user="" other="" group="" image="" volume="" point=""

clean_up() {
	local name
	[ -z "$user" ] || ps -axo uid=,pid= | awk -v uid="$uid" '$1 == uid { print $2 }' | xargs kill -9 2>/dev/null
	for name in "$user" "$other"; do
		[ -z "$name" ] || "$dscl" . -delete "/Users/$name" >/dev/null 2>&1
	done
	[ -z "$group" ] || "$dscl" . -delete "/Groups/$group" >/dev/null 2>&1
	[ -z "$user" ] || rm -rf "$root/Users/${user:?}"
	if [ -n "$volume" ]; then
		"$diskutil" unmount force "$volume" >/dev/null 2>&1
		"$diskutil" apfs deleteVolume "$volume" >/dev/null 2>&1
	fi
	[ -z "$point" ] || rmdir "$point" 2>/dev/null
	[ -z "$image" ] || hdiutil detach -force "$image" >/dev/null 2>&1
	rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

now() { perl -MTime::HiRes=time -e 'printf "%d", time * 1000'; }

# Runs a command for at most 60 s (142: killed by the alarm) and keeps how it ended: RC OUT ERR MS. Input comes from $scratch/in.
run() {
	local began
	began=$(now)
	perl -e 'alarm 60; exec { $ARGV[0] } @ARGV or exit 127' "$@" <"$scratch/in" >"$scratch/out" 2>"$scratch/err"
	RC=$?
	MS=$(($(now) - began))
	OUT=$(cat "$scratch/out")
	# Real systems complain about duplicate classes now and then; that is no part of any contract.
	ERR=$(grep -v '^objc\[' "$scratch/err" || true)
	: >"$scratch/in"
}

cell() { printf '%s' "$1" | tr '\n\t' '\036 ' | sed -e "s/$(printf '\036')/ ⏎ /g" -e 's/|/\\|/g' -e "s|$scratch||g" | cut -c 1-160; }
shown() { if [ -n "$root" ]; then printf '%s' "${1//$root/}"; else printf '%s' "$1"; fi; }
# shellcheck disable=SC2016 # The backticks are Markdown's.
line() { printf '| %s | `%s` | %s | %s | %s | %s | %s | %s |\n' "$1" "$(cell "$(shown "$2")")" "$3" "$(cell "$(shown "$4")")" "$(cell "$(shown "$5")")" "$6" "$7" "$8"; }

# Empty pattern: there must be nothing; "*": anything; else an extended regular expression.
agrees() {
	case "$2" in
	"") [ -z "$1" ] ;;
	"*") true ;;
	*) [[ $1 =~ $2 ]] ;;
	esac
}

judge() { # id certainty command rc-pattern stdout-pattern stderr-pattern
	local verdict
	if [ "$RC" = 127 ]; then
		absent=$((absent + 1))
		line "$1" "$3" - "" "" "" "$2" "not here"
		return
	fi
	if [[ $RC =~ ^($4)$ ]] && agrees "$OUT" "$5" && agrees "$ERR" "$6"; then
		verdict="as stated"
		agreeing=$((agreeing + 1))
	elif [ "$2" = U ]; then
		verdict="**answer**"
		answered=$((answered + 1))
	else
		verdict="**differs**"
		differing=$((differing + 1))
	fi
	line "$1" "$3" "$RC" "$OUT" "$ERR" "$MS" "$2" "$verdict"
}

row() { # id certainty rc-pattern stdout-pattern stderr-pattern command...
	local id=$1 mark=$2 rc=$3 out=$4 err=$5
	shift 5
	if [ ! -x "$1" ]; then RC=127 OUT="" ERR="" MS=0; else run "$@"; fi
	judge "$id" "$mark" "$*" "$rc" "$out" "$err"
}

# As the account of the probe: groups before user, as a launcher does it.
as_user() {
	local id=$1 mark=$2 rc=$3 out=$4 err=$5
	shift 5
	if [ ! -x "$1" ]; then RC=127 OUT="" ERR="" MS=0; else
		run /usr/bin/perl -MPOSIX -e 'my $id = shift; $) = "$id $id"; POSIX::setgid($id); POSIX::setuid($id); chdir "/"; exec { $ARGV[0] } @ARGV or exit 127' "$uid" "$@"
	fi
	judge "$id" "$mark" "(as the account) $*" "$rc" "$out" "$err"
}

# As the daemon starts a job's agent; in a shell of its own, which becomes the program. What that prints is in $scratch/job.
start() { # disclaim or inherit, command...
	: >"$scratch/job"
	exec "$program" exec-as ${root:+--platform macos --root "$root"} --name "$user" --uid "$uid" --gid "$uid" --cwd / --output "$scratch/job" \
		--open-files 4096 --processes 300 --grants "$1" -- "${@:2}" </dev/null >/dev/null 2>&1
}

# Who answers for it, as launchd tells.
responsible() { # disclaim or inherit
	local pid who
	start "$1" /bin/sleep 60 &
	pid=$!
	sleep 1
	who=$("$launchctl" procinfo "$pid" 2>/dev/null | awk '$1 == "responsible" && $2 == "pid" { print $4 }')
	if ! ps -o comm= -p "$pid" | grep -q sleep; then who="did not start: $(cat "$scratch/job")"; elif [ "$who" = "$pid" ]; then who=itself; fi
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	echo "${who:-not told}"
}

# Whether it sees a folder that is open to all but for Full Disk Access.
sees() { # disclaim or inherit
	(start "$1" /bin/ls "$root/Library/Application Support/com.apple.TCC")
	case $? in 0) echo yes ;; 125 | 126 | 127) echo "did not start: $(cat "$scratch/job")" ;; *) echo no ;; esac
}

answer() { # point question answer
	answered=$((answered + 1))
	printf '| %s | %s | %s |\n' "$1" "$2" "$(cell "$3")"
}

heading() { printf '\n## %s\n\n| # | argv | rc | stdout | stderr | ms | certainty | verdict |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n' "$1"; }

tool() { if [ -x "$root$1" ]; then "$root$1" "${@:2}" 2>&1; else echo "no $1 here"; fi; }

: >"$scratch/in"
permission='DS Error: -14120 \(eDSPermissionError\)'
missing_path='DS Error: -14009 \(eDSUnknownNodeName\)'
not_found='DS Error: -14136 \(eDSRecordNotFound\)'
taken='DS Error: -14135 \(eDSRecordAlreadyExists\)'
no_value='DS Error: -1413[47] '

uid=790000
while "$dscl" . -search /Users UniqueID "$uid" | grep -q . || "$dscl" . -search /Groups PrimaryGroupID "$((uid + 1))" | grep -q .; do uid=$((uid + 1)); done
gid=$((uid + 1))
user=mr-probe-$uid other=mr-probe-$uid-b group=mr-probe-$uid-g
missing=mr-probe-nobody

task_bytes() { cat "$root"/private/var/db/com.apple.backgroundtaskmanagement/BackgroundItems-v*.btm 2>/dev/null | wc -c | tr -d ' '; }
tasks_before=$(task_bytes)

cat <<HEADER
# MacRunners probe

| | |
| --- | --- |
| macOS | $(tool /usr/bin/sw_vers -productVersion) ($(tool /usr/bin/sw_vers -buildVersion)) |
| architecture | $(uname -m)$([ "$(tool /usr/sbin/sysctl -in sysctl.proc_translated)" != 1 ] || echo ", translated") |
| model | $(tool /usr/sbin/sysctl -n hw.model) |
| protection | $(tool /usr/bin/csrutil status) |
| started by | $(ps -o command= -p "$PPID" | cut -c 1-80) |

*as stated*: what MacRunners believes. **differs**: a confirmed fact is otherwise here. **answer**: an unconfirmed one is now known.
HEADER

heading "Accounts: dscl"
row D1 C 0 'root' '' "$dscl" . -list /Users
row D2 S 0 'root +0' '' "$dscl" . -list /Users UniqueID
row D3 S 0 'staff +20' '' "$dscl" . -list /Groups PrimaryGroupID
row D4 S 185 'list: Invalid Path' "$missing_path" "$dscl" . -list /Nonsense
row D5 C 0 '' '' "$dscl" . -create "/Users/$user"
row D6 U 0 '' '' "$dscl" . -create "/Users/$user"
created_twice=$RC
row D7 C 0 '' '' "$dscl" . -create "/Users/$user" UniqueID "$uid"
row D8 C 55 '' "$taken" "$dscl" . -create "/Users/$other" UniqueID "$uid"
row D8b U 0 "RecordName: $other" '*' "$dscl" . -read "/Users/$other" RecordName
left_by_conflict=$RC
row D9 C 0 '' '' "$dscl" . -create "/Users/$user" PrimaryGroupID "$uid"
row D9b C 0 '' '' "$dscl" . -create "/Users/$user" RealName "MacRunners job 1"
row D9c C 0 '' '' "$dscl" . -create "/Users/$user" UserShell /bin/bash
row D9d C 0 '' '' "$dscl" . -create "/Users/$user" Password '*'
row D9e C 0 '' '' "$dscl" . -create "/Users/$user" NFSHomeDirectory "$root/Users/$user"
fresh_home=$RC
row D12 C '0|137' '' '*' "$dscl" . -create "/Users/$user" IsHidden 1
lag=$(now)
until perl -e 'exit !defined getpwnam shift' "$user" || [ $(($(now) - lag)) -gt 10000 ]; do sleep 0.1; done
lag=$(($(now) - lag))
as_user D10 C 40 '' "$permission" "$dscl" . -create "/Users/$user-c" UniqueID 799999
row D13 C 0 'UniqueID: ' '' "$dscl" . -read "/Users/$user"
row D14 C 0 "^UniqueID: $uid\$" '' "$dscl" . -read "/Users/$user" UniqueID
row D15 C 0 '^RealName:.+ MacRunners job 1$' '' "$dscl" . -read "/Users/$user" RealName
row D16 C 0 '^dsAttrTypeNative:IsHidden: 1$' '' "$dscl" . -read "/Users/$user" IsHidden
row D17 S 0 '' 'No such key: Comment' "$dscl" . -read "/Users/$user" Comment
row D18 C 56 '' "$not_found" "$dscl" . -read "/Users/$missing" UniqueID
row D19 C 0 'dsAttrTypeStandard:UniqueID' '' "$dscl" -plist . -read "/Users/$user" UniqueID
row D21 C 185 'delete: Invalid Path' "$missing_path" "$dscl" . -delete "/Users/$missing"
row D24a C 0 '' '' "$dscl" . -create "/Groups/$group" PrimaryGroupID "$gid"
row D24 C 0 '' '' "$dscl" . -append "/Groups/$group" GroupMembership "$user"
row D23a C 0 '' '' "$dscl" . -delete "/Groups/$group" GroupMembership "$user"
row D23 U '54|57' '' "$no_value" "$dscl" . -delete "/Groups/$group" GroupMembership "$user"
row D25 S 185 'append: Invalid Path' "$missing_path" "$dscl" . -append "/Groups/$missing" GroupMembership "$user"
nobody=$("$dscl" . -read /Users/nobody NFSHomeDirectory | awk '{ print $2 }')
row D26 C 0 '' '' "$dscl" . -change /Users/nobody NFSHomeDirectory "$nobody" "$nobody"
may_change=$RC
row D27 U '54|57' '' "$no_value" "$dscl" . -change "/Users/$user" UserShell /bin/nonsense /bin/zsh
row D28 S 0 "^$user$(printf '\t\t')UniqueID = \(" '' "$dscl" . -search /Users UniqueID "$uid"
row D28c S 0 '<string>staff</string>' '' "$dscl" -plist . -readall /Groups RecordName PrimaryGroupID GroupMembership GroupMembers
row D28b S 0 '' '' "$dscl" . -search /Users UniqueID 799998
row D30 S 64 '*' 'Too few parameters for create operation' "$dscl" . -create
row D31 S 69 'Data source \(nonsense\) is not valid' '*' "$dscl" nonsense -list /Users
printf -- '-read /Users/%s UniqueID\n-read /Users/%s UniqueID\n' "$user" "$missing" >"$scratch/in"
row D32 S 0 "UniqueID: $uid" "$not_found" "$dscl" -q .
row D33 S 0 '*' '*' "$dscl" . -nonsense

heading "Other directory tools"
dseditgroup=$root/usr/sbin/dseditgroup
row G1 C 67 'is NOT a member of' '' "$dseditgroup" -o checkmember -m "$user" "$group"
row G2 C 0 '' '' "$dseditgroup" -o edit -a "$user" -t user "$group"
row G3 C 0 '^yes ' '' "$dseditgroup" -o checkmember -m "$user" "$group"
row G4 S 64 '*' 'Group not found' "$dseditgroup" -o checkmember -m "$user" "$missing"
row G5 C 64 '*' 'Unable to find the user record' "$dseditgroup" -o checkmember -m "$missing" "$group"
row G6 S 200 '*' 'Record was not found' "$dseditgroup" -o edit -a "$missing" -t user "$group"
row G7 S 64 '*' 'GID already exists' "$dseditgroup" -o create -q -i "$gid" "$group-2"
row G8 S 64 '*' 'Group not found' "$dseditgroup" -o delete "$missing"
dsimport=$root/usr/bin/dsimport
umask 077
printf '0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:Users 2 RecordName UniqueID\n%s:%s\n' "$other-i" "$uid" >"$scratch/import"
row I1 C 0 '*' '*' "$dsimport" "$scratch/import" /Local/Default I --outputfile "$scratch/import.plist"
doubled=$("$dscl" . -search /Users UniqueID "$uid" | grep -c UniqueID)
"$dscl" . -delete "/Users/$other-i" >/dev/null 2>&1
umask 022
row I2 C 65 '*' 'Unable to open import file' "$dsimport" /dev/null /Local/Default I --outputfile "$scratch/import.plist"
row H1 C 0 "created \($root/Users/$user\)" '*' "$root/usr/sbin/createhomedir" -c -u "$user"
home_mode=$(perl -e 'my @home = stat shift; printf "%o, uid %d", $home[2] & 07777, $home[4] if @home' "$root/Users/$user")
row H2 U 0 '' '' "$root/usr/sbin/createhomedir" -c -u "$missing"
row C1 C 0 '' '' "$root/usr/bin/dscacheutil" -flushcache
row C2 S 0 "name: $user.+uid: $uid" '' "$root/usr/bin/dscacheutil" -q user -a name "$user"
row C2b S 0 '' '' "$root/usr/bin/dscacheutil" -q user -a name "$missing"
row C3 S 0 '' '' "$root/usr/bin/dsmemberutil" flushcache
row C4 S 0 'user is not a member of the group' '' "$root/usr/bin/dsmemberutil" checkmembership -U "$user" -G wheel
row C4b U '[1-9][0-9]*' '*' "cannot be found" "$root/usr/bin/dsmemberutil" checkmembership -U "$missing" -G wheel
row P1 S 0 "^$uid\$" '' "$root/usr/bin/id" -u "$user"
row P1b S 1 '' "id: $missing: no such user" "$root/usr/bin/id" -u "$missing"
as_user P2 C 0 '/private/var/folders/|/var/folders/' '' "$root/usr/bin/getconf" DARWIN_USER_TEMP_DIR
row K1 S 1 '' "no crontab for $user" "$root/usr/bin/crontab" -u "$user" -l

heading "Processes, launchd, disks"
row L3 C '125|112|3|5' '' 'Boot-out failed: ' "$launchctl" bootout "user/$uid"
row L9 U '112|113|125' '*' 'ould not find' "$launchctl" print "user/$uid"
row L1 C 7 '^[0-9]+$' '' "$launchctl" asuser "$uid" /bin/sh -c 'echo $$; exit 7'
row L1b U 0 '.' '*' "$launchctl" asuser "$uid" "$launchctl" managername
manager=$OUT
as_user L1c U 1 '' 'Could not switch to audit session 0x' "$launchctl" asuser "$uid" /bin/echo in
row L4 C 113 '' 'Could not find service "org.example.none" in domain for system' "$launchctl" print system/org.example.none
row L7 C '3|5' '' 'Boot-out failed: 3: No such process|Boot-out failed: 5' "$launchctl" bootout system/org.example.none
row L8 C 113 '*' 'Could not find service' "$launchctl" kickstart -k system/org.example.none
# A process of its own session, as jobs leave them: does the end of the domain reach it?
# shellcheck disable=SC2016 # Perl's variables.
"$launchctl" asuser "$uid" /usr/bin/perl -MPOSIX -e 'my $id = shift; exit if fork; POSIX::setsid(); $) = "$id $id"; POSIX::setgid($id); POSIX::setuid($id); exec "/bin/sleep", "300"' "$uid" </dev/null >/dev/null 2>&1
sleep 1
row L2 C 0 '' '' "$launchctl" bootout "user/$uid"
bootout_ms=$MS
survivors=$(ps -axo uid=,pid=,comm= | awk -v uid="$uid" '$1 == uid' | grep -c sleep)
# The system call behind kill, which leaves the caller out (third argument 0); 37 on every Mac.
killer="not on this system"
if [ "$(uname)" = Darwin ]; then
	killer=$(/usr/bin/perl -MPOSIX -e 'my $id = shift; $) = "$id $id"; POSIX::setgid($id); POSIX::setuid($id);
		my $first = syscall(37, -1, 9, 0); sleep 1; my $second = syscall(37, -1, 9, 0); print "caller lives; first $first, then $second, errno ", $!+0' "$uid" 2>&1)
fi
grants="" seen=""
if [ -x "$program" ]; then
	grants="disclaiming: $(responsible disclaim); inheriting: $(responsible inherit)"
	seen="disclaiming: $(sees disclaim); inheriting: $(sees inherit)"
fi
row Q1 S '0|1' '' '' "$root/usr/bin/pkill" -9 -U "$uid"
# Until somebody has reaped it, a dead process is still listed.
patience=100
while [ "$patience" -gt 0 ] && ps -axo uid= | awk -v uid="$uid" '$1 == uid { found = 1 } END { exit !found }'; do
	patience=$((patience - 1))
	sleep 0.1
done
row Q1b S 1 '' '' "$root/usr/bin/pkill" -9 -U "$uid"
row Q3 S 2 '' "[Uu]nknown user .*$missing" "$root/usr/bin/pkill" -U "$missing"
row Q4 S 0 ' 1 ' '' "$root/bin/ps" -axo pid=,ppid=,uid=,ruid=,comm=
row Q5 S 1 '' '' "$root/bin/ps" -U "$uid" -o pid=
row V1 C 1 'ErrorMessage' '*' "$diskutil" info -plist disk987
row V1b U 0 '<key>Containers</key>' '' "$diskutil" apfs list -plist
# What the container's list says of the volume. usage: volume_fact KEY
volume_fact() {
	"$diskutil" apfs list -plist "$container" | awk -F '[<>]' -v volume="$volume" -v wanted="$1" '
		$2 == "key" { key = $3 }
		$2 == "string" && key == wanted { fact = $3 }
		$2 == "string" && key == "Name" && $3 == volume { print fact }'
}

volume_ms="not tried: --volumes"
if [ -n "$volumes" ]; then
	container=$("$diskutil" info -plist /System/Volumes/Data | sed -n '/<key>APFSContainerReference<\/key>/{n;s/.*<string>\(.*\)<\/string>.*/\1/p;}')
	volume=mr-probe-$uid
	point=$root/Volumes/$volume-home
	mkdir "$point"
	row V2 U 0 "Created new APFS Volume $container.*Finished APFS operation on $container\$" '' "$diskutil" apfs addVolume "$container" APFS "$volume" -quota 1073741824b -nomount
	volume_ms="made in $MS ms"
	row V1c U 0 '<key>Containers</key>' '' "$diskutil" apfs list -plist "$container"
	identity=$(volume_fact APFSVolumeUUID)
	device=$(volume_fact DeviceIdentifier)
	row V2b U 0 "^Volume $volume on ${container}s[0-9]+ mounted\$" '' "$diskutil" mount nobrowse -mountOptions nosuid,nodev -mountPoint "$point" "$identity"
	volume_ms="$volume_ms, mounted in $MS ms"
	# Who is in it holds it, but not by force.
	(cd "$point" && exec sleep 60) >/dev/null 2>&1 &
	holder=$!
	row V2c U 0 "on $point \(apfs, local, nodev, nosuid, .*nobrowse" '' "$root/sbin/mount"
	owners=$("$diskutil" info -plist "$identity" | sed -n '/<key>GlobalPermissionsEnabled<\/key>/{n;s/.*<\(.*\)\/>.*/\1/p;}')
	volume_ms="$volume_ms, owners before they are asked for: ${owners:-not told}"
	row V2d U 0 'ownership enabled$' '' "$diskutil" enableOwnership "$identity"
	row V2e U 0 'GlobalPermissionsEnabled</key>[[:space:]]*<true/>' '' "$diskutil" info -plist "$identity"
	row V3b U 1 '' "^Volume $volume on ${container}s[0-9]+ failed to unmount: dissented by PID " "$diskutil" unmount "$device"
	row V3 U 0 "^Volume $volume on ${container}s[0-9]+ force-unmounted\$" '' "$diskutil" unmount force "$device"
	tries=0
	until row V4 U 0 'Finished APFS operation' '' "$diskutil" apfs deleteVolume "$device" && [ "$RC" = 0 ] || [ "$tries" = 10 ]; do
		tries=$((tries + 1))
		sleep 0.5
	done
	volume_ms="$volume_ms, deleted in $MS ms after $tries refusals"
	kill "$holder" 2>/dev/null
	wait "$holder" 2>/dev/null
	if [ "$RC" = 0 ]; then volume=""; fi
fi
row M1 C 0 '<key>images</key>' '' "$root/usr/bin/hdiutil" info -plist
row M2 U 1 '*' 'No such file or directory' "$root/usr/bin/hdiutil" detach -force /dev/disk987
row T1 C 0 'Snapshots for ' '' "$root/usr/bin/tmutil" listlocalsnapshots /
row T3 C 0 '' '' "$root/usr/bin/tmutil" addexclusion -p "$scratch/import"
row T4 C 0 '^\[Excluded\] +' '' "$root/usr/bin/tmutil" isexcluded "$scratch/import"
[ ! -x /usr/bin/tmutil ] || tmutil removeexclusion -p "$scratch/import" >/dev/null 2>&1
row S1 U 0 'Indexing ' '*' "$root/usr/bin/mdutil" -s /
touch "$scratch/flagged"
[ "$(uname)" != Darwin ] || chflags uchg "$scratch/flagged"
row F1 S 0 '' '' "$root/usr/bin/chflags" -R nouchg,nouappnd "$scratch/flagged"
row O1 C 0 '^[0-9]+$' '' "$root/usr/sbin/sysctl" -n hw.memsize
row O2 S 0 'page size of [0-9]+ bytes' '' "$root/usr/bin/vm_stat"
row N1 S 0 'IPC status from ' '' "$root/usr/bin/ipcs" -m -s -q
row B1 C 0 '*' 'Signature|Authority|Identifier' "$root/usr/bin/codesign" -dv --verbose=2 /bin/ls

# Unmounting by id: statfs64, then sysctl's name2oid and VFS_CTL_UMOUNT, on every Mac of these numbers.
unmounted="not on this system"
if [ "$(uname)" = Darwin ]; then
	mkdir "$scratch/point"
	hdiutil create -size 8m -fs HFS+ -volname "mr-probe-$uid" "$scratch/image.dmg" >/dev/null
	image=$(hdiutil attach -nobrowse -mountpoint "$scratch/point" "$scratch/image.dmg" | awk 'NR == 1 { print $1 }')
	unmounted=$(/usr/bin/perl -e 'my $point = shift; my $status = "\0" x 2168; syscall(345, $point, $status) == 0 or die "statfs64: $!\n";
		my ($ask, $name, $levels, $size) = (pack("ii", 0, 3), "vfs.generic.ctlbyfsid", "\0" x 48, pack("Q", 48));
		syscall(202, $ask, 2, $levels, $size, $name, length $name) == 0 or die "name: $!\n";
		my $count = unpack("Q", $size) / 4; my $flags = pack("i", 0x80000);
		my $request = substr($levels, 0, 4 * $count) . pack("i", 0x10002);
		my $control = pack("ia8x4PQx48", 1, substr($status, 48, 8), $flags, 4);
		my $gone = syscall(202, $request, $count + 1, 0, 0, $control, length $control); print "sysctl $gone, errno ", $!+0' "$scratch/point" 2>&1)
	unmounted="$unmounted; $(if mount | grep -q "/${scratch##*/}/point "; then echo "**still mounted**"; else echo gone; fi)"
fi

# Twenty of each, for the figures; then the deletion that macOS may refuse.
began=$(now)
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do "$dscl" . -read "/Users/$user" UniqueID >/dev/null; done
reads=$((($(now) - began) / 20))
began=$(now)
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do "$dscl" . -create "/Users/$user" RealName "MacRunners job 2" >/dev/null; done
writes=$((($(now) - began) / 20))
heading "Deleting"
# What becomes of an account that may not be deleted: its home is a change, for which the same right is wanted.
row D34 U 0 '' '' "$dscl" . -create "/Users/$user" UserShell /usr/bin/false
row D35 U 0 '' '' "$dscl" . -create "/Users/$user" NFSHomeDirectory /var/empty
row D20 C 0 '' '' "$dscl" . -delete "/Users/$user"
may_delete=$RC
gone=$(now)
while perl -e 'exit !defined getpwnam shift' "$user" && [ $(($(now) - gone)) -lt 10000 ]; do sleep 0.1; done
gone=$(($(now) - gone))

printf '\n## Open points\n\n| # | Question | Here |\n| --- | --- | --- |\n'
rights() { case "$1" in 0) echo "yes" ;; 40) echo "**no**: -14120, Full Disk Access is missing" ;; *) echo "rc $1" ;; esac }
answer 1 "May this process delete accounts? (--as-daemon: a LaunchDaemon)" "$(rights "$may_delete")"
answer 2 "May it write UniqueID and NFSHomeDirectory of a fresh record; change them of an old one?" "$(rights "$fresh_home"); $(rights "$may_change")"
answer 3 "rc of -create on an existing user" "$created_twice"
answer 4 "Is the record left when the UniqueID was refused?" "$([ "$left_by_conflict" = 0 ] && echo yes || echo "no, rc $left_by_conflict")"
answer 5 "Time of dscl read and write; until a look-up sees a new account, and no longer a deleted one" "$reads ms, $writes ms; $lag ms, $gone ms"
answer 6 "Mode and owner of a home that createhomedir made" "${home_mode:-none was made}"
answer 7 "launchctl asuser for an account that never logged in: managername inside" "${manager:-nothing}"
answer 8 "Does bootout user/UID end a process with a session of its own; time" "$([ "$survivors" = 0 ] && echo yes || echo "no, $survivors left"); $bootout_ms ms"
answer 9 "__kill(-1, 9, 0) as the account" "$killer"
answer 10 "A program started as a job's agent: who answers for it" "${grants:-not asked: no $program}"
answer 10 "Does such a program see what only Full Disk Access shows (after a grant to what runs this)" "${seen:-not asked: no $program}"
answer 11 "Time of an APFS volume per job" "$volume_ms"
answer 12 ".NET on this version" "macOS $(tool /usr/bin/sw_vers -productVersion): 14 and later are supported"
answer 13 "newsyslog, StandardOutPath" "$(cd "$root/private/etc/newsyslog.d" && echo ./*)"
answer 14 "cron.allow" "$(cat "$root/usr/lib/cron/cron.allow" 2>/dev/null || echo "none: any account may make a crontab")"
answer 15 "Accounts with one UniqueID after dsimport gave it a second time" "$doubled"
answer 16 "Image: local snapshots; Spotlight; secure token of the administrator" "$(tool /usr/bin/tmutil listlocalsnapshots / | grep -c com.apple); $(tool /usr/bin/mdutil -s / | tail -1); $(tool /usr/sbin/sysadminctl -secureTokenStatus admin | tail -1)"
answer 16 "Image: folders that group staff may write to, below /usr/local, /opt, /Library" "$(find "$root/usr/local" "$root/opt" "$root/Library" -maxdepth 3 -type d -group 20 -perm -020 2>/dev/null | head -5 | tr '\n' ' ')"

answer 17 "Bytes of the database of background tasks before these accounts and after them" "$tasks_before; $(task_bytes)"
answer 18 "Does Spotlight leave out a folder with .metadata_never_index on a volume that it indexes" "by hand: mdfind -onlyin FOLDER for a word of a file in it"
# Where it is on no Mac: the library that stands for the system's.
library=/usr/lib/libSystem.B.dylib
[ -z "$root" ] || library=$(dirname "$program")/libSystem.dylib
answer 19 "Is responsibility_spawnattrs_setdisclaim there" "$(perl -MDynaLoader -e 'my $file = DynaLoader::dl_load_file(shift, 0) or print("not known: ", DynaLoader::dl_error() =~ tr/\0//dr), exit;
	print DynaLoader::dl_find_symbol($file, "responsibility_spawnattrs_setdisclaim") ? "yes" : "**no**: no job starts without Agent:InheritGrants"' "$library")"
answer 20 "Is a volume unmounted by its id" "$unmounted"

printf '\n%s as stated, %s differ, %s answers, %s not here\n' "$agreeing" "$differing" "$answered" "$absent"
[ "$differing" = 0 ]
