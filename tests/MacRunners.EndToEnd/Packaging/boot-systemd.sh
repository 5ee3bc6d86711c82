#!/bin/bash
# Becomes systemd, alone in its namespaces: started by `unshare --pid --fork --mount --uts --ipc --cgroup`. What is done to /etc, /opt,
# /usr/local and /var stays in /run/over, in memory. Only units of its own and those that are installed are known to it: the system's
# would clear the real /tmp and mount things.
set -euo pipefail

mount --make-rprivate /
mount -t proc proc /proc
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
for folder in etc opt usr/local var; do
	mkdir -p "/run/over/$folder/upper" "/run/over/$folder/work"
	mount -t overlay overlay -o "lowerdir=/$folder,upperdir=/run/over/$folder/upper,workdir=/run/over/$folder/work" "/$folder"
done
mount -t tmpfs -o mode=1777 tmpfs /tmp

# A MacRunners that this machine has itself, or its past, is not here.
rm -rf /opt/macrunners /var/lib/macrunners /var/log/macrunners /etc/systemd/system/macrunners.* /etc/systemd/system/*.wants/macrunners.*

mkdir /run/units
for target in sysinit basic sockets multi-user network-online shutdown; do
	printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" >"/run/units/$target.target"
done
printf 'Wants=sockets.target\nAfter=sockets.target\n' >>/run/units/multi-user.target

exec env -i container=trial PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	SYSTEMD_UNIT_PATH=/run/units:/etc/systemd/system SYSTEMD_GENERATOR_PATH=/nonexistent \
	/lib/systemd/systemd --system --unit=multi-user.target --log-target=console
