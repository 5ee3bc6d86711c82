#!/bin/bash
# shellcheck disable=SC2024 # what sudo reads comes from this shell, not from a file
# What Packer runs in the builder VM, as its administrator, when everything has been copied to /private/var/tmp/image: the whole
# image, from the bootstrap to the proof that nothing of the build is left.
# Variables: MACOS (major version that is wanted), ADMIN (who runs this), BASE_PASSWORD (the base image's, for the first sudo),
# STORAGE_CREDENTIALS (what opens the operator's own storage; may be empty), TEAM_ID (Team ID of whoever must have signed the package
# and its program; may only be empty for a tarball).
set -euo pipefail
umask 022

# In the environment of nothing that is started here.
password=$BASE_PASSWORD
credentials=${STORAGE_CREDENTIALS:-}
unset BASE_PASSWORD STORAGE_CREDENTIALS

# Empty but for an emulated Mac in tests: the prefix of every path.
root=${IMAGE_ROOT:-}
PATH=${root:+$root/usr/bin:}$PATH
image=$root/private/var/tmp/image
scripts=$image/packaging/scripts

version=$(sw_vers -productVersion)
if [ "${version%%.*}" != "$MACOS" ]; then
	echo "build-image.sh: the base image is macOS $version, but $MACOS was asked for" >&2
	exit 69
fi

refuse() {
	echo "build-image.sh: $1" >&2
	exit 65
}

team=${TEAM_ID:-}
case $team in
*[!A-Z0-9]*) refuse "TEAM_ID '$team' is no Team ID: ten capital letters and digits, as in the name of the Developer ID" ;;
esac

# A tarball, or a package for the installer, with the same folder in it.
package=$image/package
if [ "$(head -c 4 "$image/package.archive")" = 'xar!' ]; then
	# What is not signed was changed on its way, and everybody can buy a Developer ID.
	[ -n "$team" ] || refuse "the package is a .pkg: set team_id to the Team ID that it must be signed by"
	signature=$(pkgutil --check-signature "$image/package.archive") || refuse "the package is not signed: $signature"
	case $signature in
	*'Status: signed by a developer certificate issued by Apple for distribution'*) ;;
	*) refuse "the package is not signed for distribution: $signature" ;;
	esac
	printf '%s\n' "$signature" | grep -q "^ *1\. Developer ID Installer: .* ($team)\$" || refuse "the package is signed by somebody else than $team: $signature"
	pkgutil --expand-full "$image/package.archive" "$image/expanded"
	package=$image/expanded/macrunners-component.pkg/Payload/opt/macrunners/incoming
else
	mkdir -p "$package"
	tar -xzf "$image/package.archive" -C "$package" --strip-components 1
fi

program=$package/files/opt/macrunners/bin/macrunners
if [ -n "$team" ]; then
	codesign --verify --strict -R "=identifier \"com.macrunners.daemon\" and anchor apple generic and certificate leaf[subject.OU] = \"$team\"" "$program" ||
		refuse "the program in the package is not signed by $team"
fi

# Secrets go over standard input, by the shell's own printf: sudo writes arguments, and variables that it is to keep, to the system's log.
# With a wrong password it ends here, where it cannot take the next line for one.
sudo -k -S -p '' /usr/bin/true < <(printf '%s\n' "$password")
sudo -k -S -p '' /bin/bash "$scripts/bootstrap-macos.sh" --storage-credentials --daemon "$package" --ssh-key "$image/key.pub" --admin "$ADMIN" \
	< <(printf '%s\n' "$password" "$credentials")
sudo -n /bin/bash "$scripts/finish-image.sh" --remove "$image" --admin "$ADMIN"
