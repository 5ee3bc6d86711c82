#!/bin/bash
# What Packer runs in the builder VM, as its administrator, when everything has been copied to /private/var/tmp/image: the whole
# image, from the bootstrap to the proof that nothing of the build is left.
# Variables: MACOS (major version that is wanted), ADMIN (who runs this), BASE_PASSWORD (the base image's, for the first sudo).
set -euo pipefail
umask 022

image=/private/var/tmp/image
scripts=$image/packaging/scripts

version=$(sw_vers -productVersion)
if [ "${version%%.*}" != "$MACOS" ]; then
	echo "build-image.sh: the base image is macOS $version, but $MACOS was asked for" >&2
	exit 69
fi

mkdir -p "$image/package"
tar -xzf "$image/package.tar.gz" -C "$image/package" --strip-components 1

# printf is the shell's own: the password is in no arguments.
printf '%s\n' "$BASE_PASSWORD" | sudo -S -p '' /bin/bash "$scripts/bootstrap-macos.sh" --daemon "$image/package" --ssh-key "$image/key.pub" --admin "$ADMIN"
sudo -n /bin/bash "$scripts/finish-image.sh" --remove "$image" --admin "$ADMIN"
