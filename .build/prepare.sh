#!/usr/bin/env bash
# Makes a fresh machine fit for the other targets: names what only its owner can install, installs the rest from the
# system's package manager. Says nothing when there is nothing to do.
set -euo pipefail

if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
	cat >&2 <<-'EOF'
		The .NET SDK 10 is missing. Install it and run the same command again:

		    curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0
		    export PATH="$HOME/.dotnet:$PATH" DOTNET_ROOT="$HOME/.dotnet"

		(or: brew install dotnet-sdk, apt-get install dotnet-sdk-10.0, where your system has it)
	EOF
	exit 1
fi

# program:Debian package
wanted=(gcc:gcc git:git find:findutils)
if [ "${1:-}" = lint ]; then
	wanted+=(node:nodejs npm:npm)
fi
if [ "${1:-}" = test ] || [ "${1:-}" = lint ]; then
	wanted+=(promtool:prometheus shellcheck:shellcheck shfmt:shfmt python3:python3 systemctl:systemd nsenter:util-linux zip:zip unzip:unzip xz:xz-utils packer:packer setfacl:acl)
fi

missing=()
for pair in "${wanted[@]}"; do
	command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
# The native linker needs the C library's and zlib's development files; the daemon's network fence is made by nftables.
if [ "$(uname)" = Linux ] && command -v dpkg-query >/dev/null; then
	for package in libc6-dev zlib1g-dev nftables; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
	done
fi

if [ "${#missing[@]}" -gt 0 ]; then
	if ! command -v apt-get >/dev/null; then
		echo "Please install: ${missing[*]}" >&2
		exit 1
	fi
	echo "Installing ${missing[*]} ..."
	as_root=()
	[ "$(id -u)" = 0 ] || as_root=(sudo)
	export DEBIAN_FRONTEND=noninteractive
	"${as_root[@]}" apt-get update -qq
	# prometheus is wanted for promtool only; its service is not started.
	"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
