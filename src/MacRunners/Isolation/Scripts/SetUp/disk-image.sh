#!/bin/bash
# Makes an image in the home and mounts it there.
home=$2 uid=$3 image=$2/workspace/disk.img

case "$1-$(uname -s)" in
prepare-Linux)
	if ! command -v mke2fs >/dev/null || [ ! -e /dev/loop-control ]; then skip "no loop devices or no mke2fs here"; fi
	truncate -s 4M "$image" && mke2fs -q -F "$image" && mkdir "$home/workspace/disk"
	mount -o loop "$image" "$home/workspace/disk" || skip "no loop device can be mounted here"
	chown "$uid:$uid" "$home/workspace/disk" "$image"
	;;
prepare-Darwin)
	hdiutil create -quiet -size 8m -fs HFS+ -volname "$MARK" "$image.dmg" && mkdir "$home/workspace/disk"
	hdiutil attach -quiet -nobrowse -mountpoint "$home/workspace/disk" "$image.dmg" || skip "hdiutil cannot attach an image here"
	chown "$uid" "$home/workspace/disk"
	;;
undo-*)
	if [ -d "$home/workspace/disk" ]; then umount "$home/workspace/disk" 2>/dev/null; fi
	;;
esac
