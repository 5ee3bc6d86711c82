#!/bin/bash
# title: Access lists for the next job
# case: 52
# tries: to leave folders that give everything made in them to somebody else
# holds: removed
# platforms: linux
# needs: setfacl
# leaves: files

for folder in "$HOME/given" "/tmp/$MARK-given"; do
	mkdir "$folder"
	setfacl -m d:u:1:rwx,u:1:rwx,d:o::rwx "$folder" 2>/dev/null || skip "this file system knows no access lists"
	mkdir "$folder/inner" && echo x >"$folder/inner/file"
done
finish
