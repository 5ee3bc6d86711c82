#!/bin/bash
# shellcheck disable=SC2024 # what sudo reads comes from this shell, not from a file
# What Packer runs in the builder VM, as its administrator, when everything has been copied to /private/var/tmp/image: the whole
# image, from the bootstrap to the proof that nothing of the build is left.
# Variables: MACOS (major version that is wanted), ADMIN (who runs this), BASE_PASSWORD (the base image's, for the first sudo),
# STORAGE_CREDENTIALS (what opens the operator's own storage; may be empty).
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

# Secrets go over standard input, by the shell's own printf: sudo writes arguments, and variables that it is to keep, to the system's log.
# With a wrong password it ends here, where it cannot take the next line for one.
sudo -k -S -p '' /usr/bin/true < <(printf '%s\n' "$password")
sudo -k -S -p '' /bin/bash "$scripts/bootstrap-macos.sh" --storage-credentials --daemon "$package" --ssh-key "$image/key.pub" --admin "$ADMIN" \
	< <(printf '%s\n' "$password" "$credentials")
sudo -n /bin/bash "$scripts/finish-image.sh" --remove "$image" --admin "$ADMIN"
