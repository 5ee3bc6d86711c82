#!/bin/bash
# Sets flags that only root can set, on files and folders of the home, on the home itself, and on a file in a shared folder.
home=$2 uid=$3 mark=$5

freeze() {
	case "$(uname -s)" in
	Linux) chattr "+$1" "$2" ;;
	Darwin) chflags "$([ "$1" = i ] && echo schg || echo sappnd)" "$2" ;;
	esac
}

thaw() {
	case "$(uname -s)" in
	Linux) chattr -f -i -a "$1" ;;
	Darwin) chflags noschg,nosappnd "$1" ;;
	esac
}

case "$1" in
prepare)
	mkdir -p "$home/workspace/fixed/inner" "$home/workspace/growing"
	for file in fixed/file fixed/inner/file growing/file; do
		echo x >"$home/workspace/$file"
		chown -h "$uid" "$home/workspace/$file"
	done
	chown -h "$uid" "$home/workspace/fixed/inner" "$home/workspace/fixed" "$home/workspace/growing"
	install -o "$uid" /dev/null "/tmp/$mark-fixed"
	freeze i "$home/workspace/fixed/file" 2>/dev/null || skip "this file system knows no such flags"
	freeze a "$home/workspace/fixed/inner/file"
	freeze i "$home/workspace/fixed/inner"
	freeze i "$home/workspace/fixed"
	freeze a "$home/workspace/growing"
	freeze i "/tmp/$mark-fixed"
	freeze i "$home"
	;;
undo)
	for path in "$home" "$home/workspace/growing" "$home/workspace/fixed" "$home/workspace/fixed/inner" "$home/workspace/fixed/inner/file" "$home/workspace/fixed/file" "/tmp/$mark-fixed"; do
		if [ -e "$path" ]; then thaw "$path"; fi
	done
	rm -f "/tmp/$mark-fixed"
	;;
esac
