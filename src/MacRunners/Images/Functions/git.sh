# shellcheck shell=bash
# A repository is cloned.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME=$folder GIT_CONFIG_NOSYSTEM=1
git init -q "$folder/from"
echo content >"$folder/from/file"
git -C "$folder/from" add file
git -C "$folder/from" -c user.name=probe -c user.email=probe@localhost commit -q -m probe
git clone -q "$folder/from" "$folder/to"
[ "$(cat "$folder/to/file")" = content ]
echo "cloned a repository"
