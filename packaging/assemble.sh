#!/bin/bash
# Puts a package together from published programs: a folder with the installer and the files as they are to be below /.
# usage: assemble.sh linux|macos RID FOLDER-WITH-macrunners OUT
set -euo pipefail
umask 022

[ "$#" = 4 ] || {
	echo "usage: assemble.sh linux|macos RID FOLDER-WITH-macrunners OUT" >&2
	exit 64
}
system=$1
rid=$2
programs=$3
out=$4
here=$(cd "$(dirname "$0")" && pwd -P)
repository=$(cd "$here/.." && pwd -P)

# usage: put MODE FROM TO
put() {
	mkdir -p "$(dirname "$out/$3")"
	cp "$2" "$out/$3"
	chmod "$1" "$out/$3"
}

rm -rf "$out"
mkdir -p "$out"
"$here/version.sh" >"$out/version"
printf '%s\n' "$rid" >"$out/rid"
put 755 "$here/install.sh" install.sh
put 755 "$programs/macrunners" files/opt/macrunners/bin/macrunners
put 644 "$here/$system/macrunners.json.example" files/opt/macrunners/etc/macrunners.json.example
# So that a machine can be rolled back and cleared without the package.
put 755 "$here/install.sh" files/opt/macrunners/install.sh
put 755 "$here/uninstall.sh" files/opt/macrunners/uninstall.sh
for part in "$here"/lib/*.sh "$here/$system/service.sh"; do
	put 644 "$part" "files/opt/macrunners/lib/${part##*/}"
done
for script in create-build-user.sh cleanup-build-user.sh; do
	put 755 "$here/bun-ci/$script" "files/usr/local/bin/bun-ci/$script"
done
# The program itself is a real file where it lies: macOS grants Full Disk Access by path.
ln -s ../../../opt/macrunners/bin/macrunners "$out/files/usr/local/bin/macrunners"
case $system in
linux)
	put 644 "$here/linux/macrunners.service" files/etc/systemd/system/macrunners.service
	put 644 "$here/linux/macrunners.socket" files/etc/systemd/system/macrunners.socket
	;;
macos)
	put 644 "$repository/launchd/com.macrunners.daemon.plist" files/Library/LaunchDaemons/com.macrunners.daemon.plist
	put 644 "$here/macos/full-disk-access.mobileconfig" files/opt/macrunners/etc/full-disk-access.mobileconfig.example
	put 644 "$here/macos/newsyslog.conf" files/private/etc/newsyslog.d/com.macrunners.conf
	# Where people look for the agent's log; the daemon lets the second link lead to that of the present job.
	mkdir -p "$out/files/usr/local/var/log/buildkite-agent"
	ln -s ../../../../../private/var/log/macrunners/agent.log "$out/files/usr/local/var/log/buildkite-agent/buildkite-agent.log"
	;;
*)
	echo "assemble.sh: unknown system $system" >&2
	exit 64
	;;
esac
