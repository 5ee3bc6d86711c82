#!/bin/bash
# What goes into an image, as artifacts/image-package: a released package for Macs, which is signed, or the tarball of this source tree.
# Variables: IMAGE_RELEASE (tag of the release; empty for this tree), GH_TOKEN (for the release).
set -euo pipefail
cd "$(dirname "$0")/.."

out=artifacts/image-package
work=artifacts/image-package.new
rm -rf "$out" "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

refuse() {
	echo "image-package.sh: $1" >&2
	exit 1
}

if [ -n "${IMAGE_RELEASE:-}" ]; then
	case $IMAGE_RELEASE in
	v[0-9]*) ;;
	*) refuse "IMAGE_RELEASE is $IMAGE_RELEASE: give the tag of a release, such as v1.2.3" ;;
	esac
	package=macrunners-${IMAGE_RELEASE#v}-osx-arm64.pkg
	gh release download "$IMAGE_RELEASE" --dir "$work" --pattern "$package" --pattern "$package.sha256" ||
		refuse "the release $IMAGE_RELEASE could not be fetched, or has no $package"
	for file in "$package" "$package.sha256"; do
		[ -s "$work/$file" ] || refuse "the release $IMAGE_RELEASE has no $file"
	done
	(cd "$work" && sha256sum --check --strict --status "$package.sha256") || refuse "$package of the release $IMAGE_RELEASE is not what its .sha256 says"
	# Whether it is signed says the VM's pkgutil; here is none.
	[ "$(head -c 4 "$work/$package")" = 'xar!' ] || refuse "$package of the release $IMAGE_RELEASE is no package of macOS"
	mv "$work/$package" "$out"
else
	# Not whatever `make package` makes on this system: a .pkg of a Mac without identities is unsigned, and one that is left over is old.
	version=$(packaging/version.sh)
	package=artifacts/macrunners-$version-osx-arm64.tar.gz
	make "$package" RID=osx-arm64
	[ -s "$package" ] || refuse "make did not make $package"
	packed=$(tar -xzOf "$package" "macrunners-$version-osx-arm64/version") || refuse "$package is no package of MacRunners"
	[ "$packed" = "$version" ] || refuse "$package has the version $packed, this source tree $version"
	cp "$package" "$work/package"
	mv "$work/package" "$out"
fi
