#!/bin/bash
# What Packer runs in the builder VM, as its administrator, when everything has been copied to /private/var/tmp/image: the whole
# image, from the bootstrap to the proof that nothing of the build is left.
# Variables: MACOS (major version that is wanted), ADMIN (who runs this), BASE_PASSWORD (the base image's, for the first sudo),
# STORAGE_CREDENTIALS (what opens the operator's own storage; may be empty).
set -euo pipefail
umask 022

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

# A tarball, or a package for the installer, with the same folder in it.
package=$image/package
if [ "$(head -c 4 "$image/package.archive")" = 'xar!' ]; then
	# What is not signed by whom Apple knows was changed on its way, or never released.
	pkgutil --check-signature "$image/package.archive"
	pkgutil --expand-full "$image/package.archive" "$image/expanded"
	package=$image/expanded/macrunners-component.pkg/Payload/opt/macrunners/incoming
else
	mkdir -p "$package"
	tar -xzf "$image/package.archive" -C "$package" --strip-components 1
fi

keep=()
[ -z "${STORAGE_CREDENTIALS:-}" ] || keep=(--preserve-env=STORAGE_CREDENTIALS)
# printf is the shell's own: the password is in no arguments.
printf '%s\n' "$BASE_PASSWORD" | sudo -S -p '' ${keep[@]+"${keep[@]}"} /bin/bash "$scripts/bootstrap-macos.sh" --daemon "$package" --ssh-key "$image/key.pub" --admin "$ADMIN"
sudo -n /bin/bash "$scripts/finish-image.sh" --remove "$image" --admin "$ADMIN"
