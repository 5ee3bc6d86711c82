#!/bin/bash
# Looks at the kernel's message queues, whether or not this system shows them.
mark=$5

case "$1" in
prepare)
	[ "$(uname -s)" = Linux ] || skip "message queues are Linux's"
	;;
look)
	queues=$(mktemp -d)
	mount -t mqueue none "$queues" || exit 1
	for queue in "$queues/$mark"*; do
		if [ -e "$queue" ]; then breach "the message queue ${queue##*/} is left"; fi
	done
	umount "$queues" && rmdir "$queues"
	;;
undo)
	queues=$(mktemp -d)
	mount -t mqueue none "$queues" && rm -f "$queues/$mark"*
	umount "$queues" && rmdir "$queues"
	;;
esac
