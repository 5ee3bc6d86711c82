#!/bin/bash
# title: Programs that would make the next job this one
# case: 42
# tries: to leave set-user-id and set-group-id programs in shared folders
# holds: gone
# leaves: files

for place in "${PLACES[@]}"; do
	cp /bin/sh "$place/$MARK-shell" && chmod 4755 "$place/$MARK-shell"
	mkdir "$place/$MARK-bin" && cp /bin/sh "$place/$MARK-bin/ls" && chmod 6755 "$place/$MARK-bin/ls" && chmod 755 "$place/$MARK-bin"
done
finish
