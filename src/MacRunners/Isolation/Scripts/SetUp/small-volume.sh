#!/bin/bash
# Mounts a small volume in the home.
home=$2 uid=$3

case "$1" in
prepare)
	[ "$(uname -s)" = Linux ] || skip "tmpfs is Linux's"
	mkdir "$home/workspace/volume"
	mount -t tmpfs -o "size=4m,nr_inodes=500,uid=$uid,mode=700" macrunners-isolation "$home/workspace/volume" || skip "nothing can be mounted here"
	;;
undo)
	if [ -d "$home/workspace/volume" ]; then umount -l "$home/workspace/volume" 2>/dev/null; fi
	;;
esac
