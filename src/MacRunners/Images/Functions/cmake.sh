# shellcheck shell=bash
# A project is configured.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/CMakeLists.txt" <<'PROJECT'
cmake_minimum_required(VERSION 3.16)
project(probe NONE)
file(WRITE "${CMAKE_BINARY_DIR}/made" "yes")
PROJECT
cmake -S "$folder" -B "$folder/build" -G "Unix Makefiles" >"$folder/log" || {
	cat "$folder/log" >&2
	exit 1
}
[ "$(cat "$folder/build/made")" = yes ]
echo "configured a project"
