#!/bin/bash
# title: Wherever everybody may write
# case: 26 65
# tries: to leave a file in every folder of the machine that is open to everybody, and to change files that are
# holds: gone. A folder outside the shared ones is this image's own: close it, or add it to Teardown:SharedPlaces
# leaves: files
# looks: everywhere

while IFS= read -r folder; do
	(umask 0 && echo x >"$folder/$MARK-here") 2>/dev/null && echo "planted in $folder"
done < <(find "${SEARCH[@]}" -xdev -type d -perm -0002 ! -user "$(id -u)" 2>/dev/null)

shared() {
	local place
	for place in "${PLACES[@]}"; do
		case "$1" in "$place"/*) return 0 ;; esac
	done
	return 1
}
while IFS= read -r file; do
	shared "$file" || breach "everybody can write to $file"
done < <(find "${SEARCH[@]}" -xdev -type f -perm -0002 ! -user "$(id -u)" 2>/dev/null | head -n 100)
finish
