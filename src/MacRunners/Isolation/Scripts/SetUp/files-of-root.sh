#!/bin/bash
# Leaves files, folders and a device of root in the home.
home=$2

if [ "$1" = prepare ]; then
	mkdir -p "$home/workspace/of-root/inner" "$home/of-root"
	for folder in "$home/workspace/of-root" "$home/workspace/of-root/inner" "$home/of-root"; do echo x >"$folder/file" && chmod 0400 "$folder/file"; done
	mkfifo "$home/of-root/fifo"
	mknod "$home/of-root/null" c 1 3
	ln -s /etc "$home/of-root/etc"
	chmod 0700 "$home/workspace/of-root" "$home/of-root"
fi
