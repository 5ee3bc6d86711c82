#!/bin/bash
# What goes into an image, as artifacts/image-package: a released package for Macs, which is signed, or one of this source tree.
# Variables: IMAGE_RELEASE (tag of the release; empty for this tree), GH_TOKEN (for the release).
set -euo pipefail
cd "$(dirname "$0")/.."

out=artifacts/image-package
mkdir -p artifacts
rm -f "$out"
if [ -n "${IMAGE_RELEASE:-}" ]; then
	gh release download "$IMAGE_RELEASE" --pattern 'macrunners-*-osx-arm64.pkg' --output "$out"
else
	make package RID=osx-arm64
	for package in artifacts/macrunners-"$(packaging/version.sh)"-osx-arm64.{pkg,tar.gz}; do
		if [ -f "$package" ]; then
			cp "$package" "$out"
			break
		fi
	done
fi
[ -s "$out" ] || {
	echo "image-package.sh: there is no package for osx-arm64 in ${IMAGE_RELEASE:-artifacts}" >&2
	exit 1
}
