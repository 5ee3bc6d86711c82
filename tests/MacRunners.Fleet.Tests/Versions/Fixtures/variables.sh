#!/bin/sh
# The oldest form: variables at the top. node_version="1.2.3" is only a comment.
set -eu

readonly NODE_VERSION="24.3.0"
BUN_VERSION=${BUN_VERSION:-1.2.17}
export LLVM_VERSION='19.1.7'
cmake_version="v3.30.5"   # was 3.29.0

main() {
	local buildkite_version="3.87.0"
	fetch "https://example.com/node/$NODE_VERSION/$buildkite_version"
}

main "$@"
