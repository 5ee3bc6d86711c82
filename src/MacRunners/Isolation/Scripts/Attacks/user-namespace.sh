#!/bin/bash
# title: Namespaces of its own
# case: 1 46
# tries: to hide processes and mounts in user, mount and process namespaces, where it is root
# holds: seen through and killed
# platforms: linux
# needs: perl unshare
# leaves: processes
# shellcheck disable=SC2016

unshare -Urmpf true 2>/dev/null || skip "users cannot make namespaces here"
mkdir "$HOME/mnt"
leave unshare -Urmpf --mount-proc sh -c '
	mount -t tmpfs none "$HOME/mnt" && echo x >"$HOME/mnt/file"
	mount --bind "$HOME/mnt" /tmp && echo x >/tmp/in-the-namespace
	sleep 600 & sleep 600'
sleep 0.3
finish
