#!/bin/bash
# title: The daemon's own names, taken in advance
# case: 26
# tries: to be spared, or to have root write where it should not, by using the names of the daemon's trash folders
# holds: gone like everything else; no link is followed
# leaves: files

umask 0
for place in "${PLACES[@]}"; do
	mkdir "$place/.macrunners-trash-$MARK" && echo x >"$place/.macrunners-trash-$MARK/file"
	ln -s "$CANARIES" "$place/.macrunners-trash-1"
	echo x >"$place/.macrunners-trash-2"
	mkfifo "$place/.macrunners-trash-3"
	mkdir "$place/lifted-0" && echo x >"$place/lifted-0/lifted-0"
done
mkdir -p "$HOME/lifted-0/lifted-1/lifted-0" && echo x >"$HOME/lifted-0/lifted-1/lifted-0/lifted-2"
finish
