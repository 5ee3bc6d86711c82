#!/bin/bash
# Makes the macOS package, signed and notarised where the variables say how. Needs macOS.
# usage: build-pkg.sh RID PROGRAMS OUT.pkg
set -euo pipefail

usage() {
	cat >&2 <<-'HELP'
		usage: build-pkg.sh osx-arm64|osx-x64 FOLDER-WITH-macrunners OUT.pkg

		  CODESIGN_IDENTITY     "Developer ID Application: …": signs the program, with the hardened runtime
		  INSTALLER_IDENTITY    "Developer ID Installer: …": signs the package
		  NOTARY_PROFILE        profile of `notarytool store-credentials`: notarises the package and staples the ticket to it
		  NOTARY_KEYCHAIN       file of the keychain that has this profile, if it is not the default one
	HELP
	exit 64
}

[ "$#" = 3 ] || usage
rid=$1
programs=$2
out=$3
here=$(cd "$(dirname "$0")" && pwd -P)

case $rid in
osx-arm64) architecture=arm64 ;;
osx-x64) architecture=x86_64 ;;
*) usage ;;
esac
if [ "$(uname -s)" != Darwin ]; then
	echo "build-pkg.sh: a .pkg can only be made on macOS (pkgbuild, productbuild, codesign). Elsewhere make package RID=$rid makes a tarball with the same installer." >&2
	exit 1
fi
for tool in pkgbuild productbuild codesign xcrun; do
	command -v "$tool" >/dev/null || {
		echo "build-pkg.sh: $tool is missing: xcode-select --install" >&2
		exit 1
	}
done
if [ -n "${NOTARY_PROFILE:-}" ] && { [ -z "${CODESIGN_IDENTITY:-}" ] || [ -z "${INSTALLER_IDENTITY:-}" ]; }; then
	echo "build-pkg.sh: only what is signed can be notarised: set CODESIGN_IDENTITY and INSTALLER_IDENTITY, or leave NOTARY_PROFILE out." >&2
	exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/../assemble.sh" macos "$rid" "$programs" "$work/package"
version=$(cat "$work/package/version")
program=$work/package/files/opt/macrunners/bin/macrunners
if [ -n "${CODESIGN_IDENTITY:-}" ]; then
	# A new inode: the kernel remembers signatures by file.
	cp "$program" "$program.signed"
	codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" --identifier com.macrunners.daemon \
		--sign "$CODESIGN_IDENTITY" "$program.signed"
	mv "$program.signed" "$program"
	codesign --verify --strict "$program"
else
	echo "build-pkg.sh: CODESIGN_IDENTITY is not set: the program keeps its ad-hoc signature, and Full Disk Access must be granted anew after every upgrade." >&2
fi

mkdir -p "$work/root/opt/macrunners" "$work/scripts"
mv "$work/package" "$work/root/opt/macrunners/incoming"
cp "$here/scripts/preinstall" "$here/scripts/postinstall" "$work/scripts/"
chmod 755 "$work/scripts/"*
pkgbuild --root "$work/root" --scripts "$work/scripts" --identifier com.macrunners.pkg --version "$version" \
	--install-location / --ownership recommended "$work/macrunners-component.pkg"
sed -e "s/VERSION/$version/" -e "s/ARCHITECTURE/$architecture/" "$here/distribution.xml" >"$work/distribution.xml"
sign=()
[ -z "${INSTALLER_IDENTITY:-}" ] || sign=(--sign "$INSTALLER_IDENTITY")
productbuild --distribution "$work/distribution.xml" --package-path "$work" ${sign[@]+"${sign[@]}"} "$out"
if [ -n "${NOTARY_PROFILE:-}" ]; then
	xcrun notarytool submit "$out" --keychain-profile "$NOTARY_PROFILE" ${NOTARY_KEYCHAIN:+--keychain "$NOTARY_KEYCHAIN"} --wait
	xcrun stapler staple "$out"
fi
echo "$out"
