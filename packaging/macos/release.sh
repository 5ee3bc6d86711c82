#!/bin/bash
# Builds, signs and notarises the packages of a release, on a Mac: artifacts/release/*.pkg with their .sha256.
# usage: release.sh RID...
#
#   CODESIGN_IDENTITY, INSTALLER_IDENTITY   names of the two Developer ID identities
#   SIGNING_IDENTITIES, SIGNING_PASSPHRASE  both of them in one PKCS #12 file, in base64, and its passphrase
#   NOTARY_KEY, NOTARY_KEY_ID, NOTARY_ISSUER  an API key of App Store Connect (.p8, in base64), its id and issuer
#   RELEASE_TAG                             of the release, if there is one: v and the version that the programs say
set -euo pipefail

[ "$#" -gt 0 ] || {
	sed -n '2,/^set /p' "$0" | sed -e '$d' -e 's/^# \{0,1\}//' >&2
	exit 64
}
here=$(cd "$(dirname "$0")" && pwd -P)
version=$("$here/../version.sh")
if [ -n "${RELEASE_TAG:-}" ] && [ "$RELEASE_TAG" != "v$version" ]; then
	echo "release.sh: the tag is $RELEASE_TAG, but the programs would say $version: change VersionPrefix in Directory.Build.props, or the tag." >&2
	exit 1
fi
missing=()
for variable in CODESIGN_IDENTITY INSTALLER_IDENTITY SIGNING_IDENTITIES SIGNING_PASSPHRASE NOTARY_KEY NOTARY_KEY_ID NOTARY_ISSUER; do
	[ -n "${!variable:-}" ] || missing+=("$variable")
done
if [ "${#missing[@]}" != 0 ]; then
	echo "release.sh: not set: ${missing[*]}. An unsigned release would lose Full Disk Access with every upgrade (DEPLOYMENT.md, 5)." >&2
	exit 1
fi
if [ "$(uname -s)" != Darwin ]; then
	echo "release.sh: packages for Macs are made on a Mac." >&2
	exit 1
fi
cd "$here/../.."

keychain=$HOME/Library/Keychains/macrunners-release.keychain-db
default=''
searched=()

# One's own Mac has its own keychains again, and nothing of the release.
restore() {
	rm -rf "$secrets"
	[ -z "$default" ] || security default-keychain -d user -s "$default" || true
	[ "${#searched[@]}" = 0 ] || security list-keychains -d user -s "${searched[@]}" || true
	[ ! -e "$keychain" ] || security delete-keychain "$keychain" || true
	rm -f "$keychain" "$keychain.password"
}
secrets=$(mktemp -d)
trap restore EXIT
trap 'exit 130' INT TERM HUP
paths() { sed 's/^ *"\(.*\)"$/\1/'; }
# It fails where there is none, and then none has to be restored.
default=$(security default-keychain -d user | paths) || default=''
list=$(security list-keychains -d user | paths)
while IFS= read -r path; do
	[ -z "$path" ] || searched+=("$path")
done <<<"$list"

umask 077
printf '%s' "$SIGNING_IDENTITIES" | base64 -D >"$secrets/identities.p12"
printf '%s' "$SIGNING_PASSPHRASE" >"$secrets/passphrase"
printf '%s' "$NOTARY_KEY" | base64 -D >"$secrets/notary.p8"
unset SIGNING_IDENTITIES SIGNING_PASSPHRASE NOTARY_KEY
umask 022

host=osx-$([ "$(uname -m)" = arm64 ] && echo arm64 || echo x64)
make publish RID="$host"
"artifacts/$host/macrunners" keychain create --name macrunners-release --identity "$secrets/identities.p12" --passphrase-file "$secrets/passphrase"
export NOTARY_PROFILE=macrunners-release NOTARY_KEYCHAIN=$keychain
xcrun notarytool store-credentials "$NOTARY_PROFILE" --keychain "$NOTARY_KEYCHAIN" --key "$secrets/notary.p8" --key-id "$NOTARY_KEY_ID" --issuer "$NOTARY_ISSUER"

mkdir -p artifacts/release
for rid in "$@"; do
	make package RID="$rid"
	mv "artifacts/macrunners-$version-$rid.pkg" artifacts/release/
done
cd artifacts/release
for package in *.pkg; do shasum -a 256 "$package" >"$package.sha256"; done
