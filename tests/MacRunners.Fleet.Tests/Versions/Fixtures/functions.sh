#!/bin/sh
# A later form: functions that print a version, by system where they differ.

nodejs_version_exact() {
	print "24.3.0"
}

nodejs_version() {
	echo "$(nodejs_version_exact)" | cut -d. -f1
}

bun_version_exact() { print "1.3.13"; }

llvm_version_exact() {
	case "$distro-$release" in
	freebsd-* | alpine-*)
		print "19.1.7"
		;;
	darwin-*) print "21.1.8" ;;
	*)
		print "20.1.0"
		;;
	esac
}

install_cmake() {
	version="${1:-"3.30.5"}"
	fetch "https://example.com/cmake/$version"
}

install_buildkite() {
	if [ "$os" = "darwin" ]; then
		sh="zsh"
	fi
	version="3.114.0"
	fetch "https://example.com/$version"
}
