#!/bin/bash
# Moves a file into the folder of the attack and looks whether it stays.

echo ready
moved_in=
gone=
until [ -e "$END" ]; do
	if [ -z "$moved_in" ]; then
		(echo mine >"/tmp/$MARK-house/lodger") 2>/dev/null && moved_in=1
	elif [ -z "$gone" ] && [ ! -e "/tmp/$MARK-house/lodger" ]; then
		gone=1
	fi
	sleep 0.02
done
[ -z "$gone" ] || breach "the file of another running job was removed with the folder that it lay in"
finish
