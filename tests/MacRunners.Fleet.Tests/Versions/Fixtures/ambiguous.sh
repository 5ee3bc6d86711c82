#!/bin/sh
llvm_version() {
	case "$abi" in
	musl) echo "19.1.7" ;;
	gnu) echo "21.1.8" ;;
	esac
}
node_version=24.3.0
