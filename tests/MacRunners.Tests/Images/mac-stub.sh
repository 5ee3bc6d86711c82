#!/bin/bash
# Commands of macOS as far as the image's scripts use them, by the name it is called with. State lies in $IMAGE_ROOT/state, one
# file per fact; every call is in $IMAGE_ROOT/calls; a file $IMAGE_ROOT/fail/NAME makes the command NAME fail, $IMAGE_ROOT/ask/NAME
# makes it ask first.
set -u
name=${0##*/}
state=$IMAGE_ROOT/state
printf '%s\n' "$name $*" >>"$IMAGE_ROOT/calls"
if [ -e "$IMAGE_ROOT/fail/$name" ]; then
	echo "$name: fails as asked" >&2
	exit 3
fi
if [ -e "$IMAGE_ROOT/ask/$name" ] && ! read -r _; then
	echo "$name: nobody answers" >&2
	exit 4
fi

fact() { cat "$state/$1" 2>/dev/null || true; }

# What a system of this version, or one that a test made, offers; the third line is the newest of Apple's command-line tools for it.
offered() {
	[ ! -e "$state/offered" ] || exec cat "$state/offered"
	case $(fact version) in
	13.*) printf '%s\n' 'macOS Ventura 13.7.8-22H730' 'Command Line Tools for Xcode-14.3' 'Command Line Tools for Xcode-15.1' ;;
	26.*) printf '%s\n' 'Command Line Tools for Xcode-16.4' 'Command Line Tools beta 2 for Xcode-26.5' 'Command Line Tools for Xcode 26.4-26.4.1' ;;
	*) printf '%s\n' 'macOS Sonoma 14.9' 'Command Line Tools for Xcode-9.4' 'Command Line Tools for Xcode-16.2' ;;
	esac
}

case $name in
sw_vers) fact version ;;
uname) fact machine ;;
id)
	[ "$1" = -u ] || [ "$1" = admin ] || exit 1
	echo 0
	;;
softwareupdate)
	case $1 in
	-l)
		[ -e "$IMAGE_ROOT/private/tmp/.com.apple.dt.CommandLineTools.installondemand.in-progress" ] || exit 0
		offered | sort | sed 's/^/* Label: /'
		;;
	-i)
		[ "$2" = "$(offered | sed -n 3p)" ] || exit 1
		mkdir -p "$IMAGE_ROOT/Library/Developer/CommandLineTools/usr/bin"
		cp "$0" "$IMAGE_ROOT/Library/Developer/CommandLineTools/usr/bin/clang"
		;;
	esac
	;;
sudo)
	# With a password over standard input, of which it takes up to three lines, or without; nobody's environment but what is asked for.
	env >>"$IMAGE_ROOT/environments"
	case $1 in
	-k | -n)
		keep=()
		asks=''
		while :; do
			case $1 in
			-k | -n) shift ;;
			-p) shift 2 ;;
			-S)
				asks=yes
				shift
				;;
			--preserve-env=*)
				variable=${1#*=}
				keep=("$variable=${!variable}")
				shift
				;;
			*) break ;;
			esac
		done
		if [ -n "$asks" ]; then
			for try in 1 2 3 wrong; do
				[ "$try" != wrong ] && IFS= read -r password || exit 1
				printf '%s\n' "$password" >>"$IMAGE_ROOT/tried-as-password"
				[ "$password" != "$(fact password)" ] || break
			done
		fi
		printf '2026-11-24 02:00:00 Df sudo[%s:1f] admin : TTY=unknown ; USER=root ; ENV=%s ; COMMAND=%s\n' "$$" "${keep[*]-}" "$*" >>"$state/unified-log"
		exec env -i IMAGE_ROOT="$IMAGE_ROOT" PATH="$PATH" ${keep[@]+"${keep[@]}"} "$@"
		;;
	esac
	[ "$1 $2 $3" = '-H -u admin' ] || exit 1
	shift 3
	exec "$@"
	;;
brew)
	[ "$1 $2 $3" = 'install --formula --quiet' ] || exit 1
	prefix=${0%/bin/brew}
	mkdir -p "$prefix/opt/$4"
	;;
launchctl)
	case $1 in
	disable) : >"$state/disabled" ;;
	print) [ -e "$state/loaded.${2##*/}" ] || exit 113 ;;
	print-disabled) [ ! -e "$state/disabled" ] || printf '\t"com.macrunners.daemon" => disabled\n' ;;
	esac
	;;
defaults)
	file=$state/$(basename "$2").$3
	case $1 in
	read) cat "$file" ;;
	write) [ "$5" != false ] || echo 0 >"$file" ;;
	delete) rm "$file" ;;
	esac
	;;
log)
	case $* in
	'show --style compact --predicate process == "sudo"') printf 'Timestamp               Ty Process[PID:TID]\n%s\n' "$(fact unified-log)" ;;
	'erase --all') rm -f "$state/unified-log" ;;
	*) exit 64 ;;
	esac
	;;
mdutil)
	case $2 in
	-s) printf '/:\n\tIndexing %s. \n' "$([ -e "$state/unindexed" ] && echo disabled || echo enabled)" ;;
	-i) : >"$state/unindexed" ;;
	esac
	;;
pmset)
	case $1 in
	-g) printf ' sleep                %s (sleep prevented by sharingd)\n displaysleep         5\n' "$(fact sleep)" ;;
	-a) echo "$3" >"$state/sleep" ;;
	esac
	;;
dscl)
	case ${2:-} in
	-authonly) [ "$4" = "$(fact password)" ] ;;
	'')
		read -r verb user new
		[ "$verb $user" = 'passwd /Users/admin' ] || exit 1
		printf '%s' "$new" >"$state/password"
		;;
	esac
	;;
xip)
	[ "$1" = --expand ] && tar -xf "$2"
	;;
pkgutil)
	case $1 in
	--check-signature)
		cat "$state/signature"
		! grep -q 'no signature' "$state/signature"
		;;
	--expand-full)
		mkdir -p "$3/macrunners-component.pkg/Payload/opt/macrunners"
		cp -r "$IMAGE_ROOT/package" "$3/macrunners-component.pkg/Payload/opt/macrunners/incoming"
		;;
	esac
	;;
codesign)
	[ "$1 $2 $3" = '--verify --strict -R' ] && [ -e "$5" ] || exit 2
	[ "$4" = "=identifier \"com.macrunners.daemon\" and anchor apple generic and certificate leaf[subject.OU] = \"$(fact team)\"" ] || exit 3
	;;
scutil)
	case $1 in
	--get) cat "$state/$2" ;;
	--set) printf '%s\n' "$3" >"$state/$2" ;;
	esac
	;;
xcodebuild | xcrun) printf '%s\n' "$DEVELOPER_DIR" >>"$IMAGE_ROOT/calls" ;;
sshd | ssh-keygen | visudo) ;;
*) exit 127 ;;
esac
