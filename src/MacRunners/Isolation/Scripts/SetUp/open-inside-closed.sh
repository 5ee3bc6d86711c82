#!/bin/bash
# Makes, in a shared folder, folders of root that can only be passed through, with open ones in them.
mark=$5

case "$1" in
prepare)
	mkdir -p "/tmp/$mark-outer/open/closed/open"
	chmod 0755 "/tmp/$mark-outer" "/tmp/$mark-outer/open/closed"
	chmod 1777 "/tmp/$mark-outer/open" "/tmp/$mark-outer/open/closed/open"
	;;
undo)
	rm -f "/tmp/$mark-outer/open/left" "/tmp/$mark-outer/open/folder/file" "/tmp/$mark-outer/open/closed/open/left"
	for folder in open/folder open/closed/open open/closed open; do
		if [ -d "/tmp/$mark-outer/$folder" ]; then rmdir "/tmp/$mark-outer/$folder"; fi
	done
	if [ -d "/tmp/$mark-outer" ]; then rmdir "/tmp/$mark-outer"; fi
	;;
esac
