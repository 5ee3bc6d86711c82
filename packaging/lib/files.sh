# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# The files of a package: put in place by renaming, kept for a rollback, removed. Sourced.
#
# A package is a folder with `version`, `rid` and `files/`, a tree as it is to be below /. No file is ever written to in place: programs
# that run keep theirs, and macOS kills a program whose file changes under its signature.

# Paths of all files of a package, without leading slash. usage: files_of PACKAGE
files_of() {
	(cd "$1/files" && find . \( -type f -o -type l \) -print) | sed 's|^\./||' | LC_ALL=C sort
}

# The package's files that may be put on this machine: all but those below /usr/local where that is somebody else's, as with an old
# Homebrew. They are conveniences. usage: installable_files PACKAGE
installable_files() {
	local file
	files_of "$1" | while IFS= read -r file; do
		case $file in
		usr/local/*) [ -z "$(unsafe_component "$root/${file%/*}")" ] || continue ;;
		esac
		printf '%s\n' "$file"
	done
}

installed_files() {
	[ ! -f "$manifest" ] || cat "$manifest"
}

# Refuses a machine on which somebody else could exchange what root installs. usage: require_safe_places PACKAGE
require_safe_places() {
	local file reason
	while IFS= read -r file; do
		reason=$(unsafe_component "$root/$file")
		case $file in
		usr/local/*)
			# The link itself is ours.
			reason=$(unsafe_component "$root/${file%/*}")
			[ -z "$reason" ] || warn "$reason: /$file is left out. Whoever may write there could give root another program."
			;;
		*) [ -z "$reason" ] || refuse "$reason, on the way to $root/$file: everything there must be root's alone." ;;
		esac
	done <<-FILES
		$(files_of "$1")
	FILES
	for file in "$config" "$token" "$previous" "$undo" "$manifest"; do
		reason=$(unsafe_component "$file")
		[ -z "$reason" ] || refuse "$reason, on the way to $file: everything there must be root's alone."
	done
}

# Puts a package's files beside those they are to replace. usage: stage PACKAGE
stage() {
	local file target
	installable_files "$1" | while IFS= read -r file; do
		target=$root/$file
		make_folder "${target%/*}"
		rm -f "$target.new"
		cp -pP "$1/files/$file" "$target.new"
		chown -h 0:0 "$target.new"
	done
	sync
}

# usage: unstage PACKAGE
unstage() {
	local file
	installable_files "$1" | while IFS= read -r file; do rm -f "$root/$file.new"; done
}

# Puts what was staged into place, removes what the package does not have any more, and writes down what is installed.
# usage: place PACKAGE
place() {
	local file
	# Both versions' files, until it is done: an interruption must not lose any.
	{
		installed_files
		installable_files "$1"
	} | LC_ALL=C sort -u >"$manifest.new"
	mv -f "$manifest.new" "$manifest"
	installable_files "$1" | while IFS= read -r file; do mv -f "$root/$file.new" "$root/$file"; done
	installable_files "$1" >"$manifest.new"
	LC_ALL=C comm -23 "$manifest" "$manifest.new" | while IFS= read -r file; do rm -f "$root/$file"; done
	mv -f "$manifest.new" "$manifest"
	service_files_changed
	sync
}

# Copies what is installed to the folder `undo`, as a package.
keep_installed() {
	local file
	rm -rf "$undo.part"
	mkdir -m 0700 "$undo.part"
	installed_files | while IFS= read -r file; do
		[ -e "$root/$file" ] || [ -L "$root/$file" ] || continue
		make_folder "$undo.part/files/${file%/*}"
		cp -pP "$root/$file" "$undo.part/files/$file"
	done
	version_of "$program" >"$undo.part/version"
	cp "$package/rid" "$undo.part/rid"
	sync
	mv "$undo.part" "$undo"
}

# The replaced version is the one to roll back to.
keep_undo_as_previous() {
	rm -rf "$previous"
	mv "$undo" "$previous"
}

# Whether a file is another one than before the upgrade. usage: differs FILE...
differs() {
	local file
	for file; do
		cmp -s "$root/$file" "$undo/files/$file" || return 0
	done
	return 1
}
