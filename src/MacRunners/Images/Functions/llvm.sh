# shellcheck shell=bash
# The pinned compiler makes a program that runs.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [ -x /usr/bin/xcrun ]; then
	SDKROOT=$(/usr/bin/xcrun --show-sdk-path)
	export SDKROOT
fi
printf '#include <stdio.h>\nint main(void) { printf("%%d\\n", 6 * 7); return 0; }\n' >"$folder/answer.c"
"clang-$MAJOR" -O2 -o "$folder/answer" "$folder/answer.c"
[ "$("$folder/answer")" = 42 ]
echo "compiled, linked and ran a C program"
