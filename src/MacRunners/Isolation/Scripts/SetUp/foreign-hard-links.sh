#!/bin/bash
# Gives the job second names of files that are root's and another user's.
home=$2 uid=$3 canaries=$4

if [ "$1" = prepare ]; then
	mkdir "$home/workspace/linked"
	for file in root.txt secret.txt foreign.txt; do
		ln "$canaries/$file" "$home/workspace/linked/$file" || skip "the canaries are on another file system than the homes"
		ln "$canaries/$file" "$home/$file"
	done
	chown "$uid:$uid" "$home/workspace/linked"
fi
