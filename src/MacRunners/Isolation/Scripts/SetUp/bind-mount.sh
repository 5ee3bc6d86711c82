#!/bin/bash
# Mounts the canaries inside the home, over and inside one another, under names that are hard to read in a table of mounts.
home=$2 canaries=$4

case "$1" in
prepare)
	[ "$(uname -s)" = Linux ] || skip "bind mounts are Linux's"
	for name in mounted "two words" $'two\nlines' 'back\slash'; do
		mkdir "$home/workspace/$name"
		mount --bind "$canaries/tree" "$home/workspace/$name" || skip "nothing can be mounted here"
	done
	mount --bind "$canaries/tree" "$home/workspace/mounted"
	mount --bind "$canaries/tree" "$home/workspace/mounted/a"
	;;
undo)
	for name in mounted/a mounted mounted "two words" $'two\nlines' 'back\slash'; do
		if [ -d "$home/workspace/$name" ]; then umount -l "$home/workspace/$name" 2>/dev/null; fi
	done
	;;
esac
