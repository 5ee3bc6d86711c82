#!/bin/bash
# Makes, in a shared folder, folders of root that can only be passed through, with open ones in them.
mark=$5

case "$1" in
prepare)
	mkdir -p "/tmp/outer-$mark/open/closed/open"
	chmod 0755 "/tmp/outer-$mark" "/tmp/outer-$mark/open/closed"
	chmod 1777 "/tmp/outer-$mark/open" "/tmp/outer-$mark/open/closed/open"
	;;
undo)
	rm -f "/tmp/outer-$mark/open/left" "/tmp/outer-$mark/open/folder/file" "/tmp/outer-$mark/open/closed/open/left"
	for folder in open/folder open/closed/open open/closed open; do
		if [ -d "/tmp/outer-$mark/$folder" ]; then rmdir "/tmp/outer-$mark/$folder"; fi
	done
	if [ -d "/tmp/outer-$mark" ]; then rmdir "/tmp/outer-$mark"; fi
	;;
esac
