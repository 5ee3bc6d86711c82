#!/bin/bash
# title: Folders that their owner has closed
# case: 32 49
# tries: to leave trees without any permission, and read-only ones as package managers make them
# holds: removed
# leaves: files

for top in "$HOME/workspace" "/tmp/$MARK-tree"; do
	mkdir -p "$top/closed/a/b/c" "$top/read-only/a/b"
	echo x >"$top/closed/a/b/c/file"
	echo x >"$top/read-only/a/b/file"
	chmod 000 "$top/closed/a/b/c" "$top/closed/a/b" "$top/closed/a" "$top/closed"
	chmod -R a-w "$top/read-only"
done
finish
