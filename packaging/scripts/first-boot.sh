#!/bin/bash
# What launchd runs at each boot of a VM of the image: a VM has no user data, so it asks the cluster who it is, and takes that
# name. All VMs of an image would otherwise have the builder's. Asks for nothing secret, since every job can ask the same, and does
# nothing when the name is right or nobody answers. Works with the bash 3.2 of macOS.
set -euo pipefail

# Empty but for an emulated Mac in tests: the prefix of every path.
root=${IMAGE_ROOT:-}
PATH=${root:+$root/usr/bin:}/usr/bin:/bin:/usr/sbin:/sbin
export PATH LC_ALL=C

metadata=${ORKA_METADATA:-http://169.254.169.254/metadata}
# It answers some seconds after the boot.
patience=${ORKA_METADATA_PATIENCE:-60}

say() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }

name=$(curl --fail --silent --show-error --noproxy '*' --max-time 5 --max-filesize 4096 --retry 1000 --retry-delay 1 --retry-max-time "$patience" \
	--retry-all-errors --url "$metadata/orka_vm_name") || {
	say "no metadata at $metadata: this is no VM of Orka, or its VM Tools are missing. The name stays"
	exit 0
}
name=${name#\"}
name=${name%\"}
case $name in
'' | -* | *[!a-z0-9-]*)
	say "the metadata's orka_vm_name is no name of a VM. The name stays"
	exit 1
	;;
esac
[ "${#name}" -le 63 ] || {
	say "the metadata's orka_vm_name is too long. The name stays"
	exit 1
}
for kind in ComputerName HostName LocalHostName; do
	[ "$(scutil --get "$kind" 2>/dev/null || true)" = "$name" ] && continue
	scutil --set "$kind" "$name"
	say "$kind is $name"
done
