#!/bin/bash
# title: Clock, kernel and network
# case: 66 69 76
# tries: to set the clock, the machine's name, kernel settings, routes, mounts and swap
# holds: refused
# refuses: clock name mount

must_fail clock date 010100002001
must_fail name hostname "$MARK"
must_fail mount mount -t tmpfs none /mnt
for tool in "sysctl -w kernel.core_pattern=/tmp/$MARK" "sysctl -w kern.maxproc=1" "ip link add $RUN type dummy" "route add 192.0.2.0 127.0.0.1" \
	"systemctl --no-ask-password stop macrunners" "launchctl bootout system/com.macrunners.daemon" "pmset -a sleep 1" \
	"systemsetup -setcomputername $MARK" "networksetup -setdnsservers Wi-Fi 127.0.0.1" "nvram $MARK=x"; do
	# shellcheck disable=SC2086
	must_fail "${tool%% *}" $tool
done
finish
