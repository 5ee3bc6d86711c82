# shellcheck shell=bash
# TypeScript runs.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'const answer: number = 6 * 7;\nconsole.log(answer);\n' >"$folder/answer.ts"
[ "$(HOME=$folder bun run "$folder/answer.ts")" = 42 ]
echo "ran TypeScript"
