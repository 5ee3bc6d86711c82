# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# Software of the manifest: fetched, checked, put in place. Sourced.

downloads=$root/private/var/macrunners-image
markers=$root/opt/macrunners/image # what leaves no trace of its own: file NAME-VERSION with the checksum
commands=$root/usr/local/bin

checksum() { shasum -a 256 "$1" | cut -d ' ' -f 1; }

# What opens the operator's storage, NAME=value a line; in no environment.
unset credentials
credentials=''

# The settings of curl that may be secret, for its standard input, since arguments can be seen by all; or why there are none.
# usage: secret_settings URL CREDENTIAL
secret_settings() {
	local value
	if [ "${2:--}" = - ]; then
		printf 'url = "%s"\n' "$1"
		return 0
	fi
	value=$(printf '%s\n' "$credentials" | sed -n "s/^$2=//p" | tail -n 1)
	case $value in
	'') echo "the manifest wants the credential $2, which was not given (--storage-credentials)" ;;
	*[\"\\]*) echo "the credential $2 has quotes or backslashes" ;;
	https://* | http://127.0.0.1:*)
		# An address that is signed itself.
		printf 'url = "%s"\nproto-redir = "=https"\n' "$value"
		return 0
		;;
	[Aa]uthorization:*)
		case $1 in
		https://* | http://127.0.0.1:*)
			# This header, and no other, curl sends only to the host that it is meant for.
			printf 'url = "%s"\nheader = "%s"\nproto-redir = "=https"\n' "$1" "$value"
			return 0
			;;
		*) echo "the credential $2 would be sent without encryption" ;;
		esac
		;;
	*) echo "the credential $2 is neither an https address nor a header Authorization" ;;
	esac
	return 1
}

# Gets a file that has this checksum, or ends the step. usage: fetch URL SHA256 FILE [CREDENTIAL]
fetch() {
	local code=0 actual hint='' settings
	# From a run that failed later on.
	if [ -f "$3" ] && [ "$(checksum "$3")" = "$2" ]; then
		return 0
	fi
	(umask 077 && mkdir -p "$downloads")
	settings=$(secret_settings "$1" "${4:-}") || fail_step "$settings"
	printf '%s\n' "$settings" | curl --config - --fail --location --silent --show-error --proto '=http,https' --connect-timeout 30 --speed-limit 1024 --speed-time 60 \
		--retry 3 --retry-delay 1 --retry-all-errors --output "$3.part" || code=$?
	if [ "$code" != 0 ]; then
		rm -f "$3.part"
		fail_step "$1 could not be fetched completely (curl exit code $code)"
	fi
	actual=$(checksum "$3.part")
	if [ "$actual" != "$2" ]; then
		if head -c 1024 "$3.part" | grep -qi '<html\|<!doctype html'; then
			hint='; it is a web page, which a proxy or mirror sent in its place'
		fi
		rm -f "$3.part"
		fail_step "$1 has the SHA-256 $actual, the manifest wants $2$hint. Nothing of it was used"
	fi
	mv -f "$3.part" "$3"
}

# The path is of this archive in another version. Other archives' names may begin alike. usage: is_other_version PATH NAME VERSION
is_other_version() {
	local version=${1#"/opt/$2-"}
	case ${version%%/*} in
	'' | "$3" | *[!0-9.]*) return 1 ;;
	esac
}

# What there is of an archive in other versions, one a line: trees, and links to them, whose names may have been other ones.
# usage: other_versions NAME VERSION
other_versions() {
	local path
	for path in "$root/opt/$1"-*; do
		! is_other_version "${path#"$root"}" "$1" "$2" || printf '%s\n' "$path"
	done
	for path in "$commands"/*; do
		! is_other_version "$(readlink "$path")" "$1" "$2" || printf '%s\n' "$path"
	done
}

# usage: archive_… NAME VERSION URL SHA256 FORMAT TOP-FOLDER LINKS CREDENTIAL
archive_is_done() {
	local tree=$root/opt/$1-$2 link
	[ "$(cat "$tree/.sha256")" = "$4" ] || return 1
	for link in $(printf '%s' "$7" | tr ',' ' '); do
		[ "$(readlink "$commands/${link%%=*}")" = "/opt/$1-$2/${link#*=}" ] || return 1
		[ -x "$tree/${link#*=}" ] || return 1
	done
	[ -z "$(other_versions "$1" "$2")" ]
}

archive_do() {
	local tree=$root/opt/$1-$2 file=$downloads/$1-$2.$5 link old content
	fetch "$3" "$4" "$file" "${8:-}"
	rm -rf "$tree.new"
	mkdir -p "$tree.new/content"
	# Owners and modes of whoever packed it are nothing to this machine.
	case $5 in
	tar.gz) tar -xzf "$file" -C "$tree.new/content" --no-same-owner --no-same-permissions || fail_step "the archive cannot be unpacked" ;;
	tar.xz) tar -xJf "$file" -C "$tree.new/content" --no-same-owner --no-same-permissions || fail_step "the archive cannot be unpacked" ;;
	zip) unzip -q "$file" -d "$tree.new/content" || fail_step "the archive cannot be unpacked" ;;
	*) fail_step "the manifest's format '$5' is unknown" ;;
	esac
	content=$tree.new/content
	if [ "$6" = yes ]; then
		content=$(echo "$tree.new/content"/*)
		[ -d "$content" ] || fail_step "the archive does not consist of one folder"
	fi
	for link in $(printf '%s' "$7" | tr ',' ' '); do
		[ -x "$content/${link#*=}" ] || fail_step "the archive has no program ${link#*=}"
	done
	chmod -R go-w "$content"
	printf '%s\n' "$4" >"$content/.sha256"
	other_versions "$1" "$2" | while IFS= read -r old; do
		rm -rf "$old"
	done
	rm -rf "$tree"
	mv "$content" "$tree"
	rm -rf "$tree.new"
	mkdir -p "$commands"
	for link in $(printf '%s' "$7" | tr ',' ' '); do
		ln -sfn "/opt/$1-$2/${link#*=}" "$commands/${link%%=*}"
	done
	rm -f "$file"
}

# usage: homebrew_… FORMULA
homebrew_is_done() { [ -e "$root$brew_prefix/opt/$1" ]; }

homebrew_do() {
	[ -x "$root$brew_prefix/bin/brew" ] || fail_step "Homebrew is missing in $brew_prefix: it has to be in the base image"
	# It refuses to work for root.
	sudo -H -u "$admin" env NONINTERACTIVE=1 HOMEBREW_NO_AUTO_UPDATE=1 HOMEBREW_NO_INSTALL_CLEANUP=1 HOMEBREW_NO_ANALYTICS=1 HOMEBREW_NO_ENV_HINTS=1 \
		"$root$brew_prefix/bin/brew" install --formula --quiet "$1" || fail_step "brew install $1 ended with exit code $?"
}

# Apple's command-line tools, without the dialogue of xcode-select --install. Two of them may be offered, as "… for Xcode-16.4" and
# "… for Xcode 26.4-26.4.1": the newest.
softwareupdate_is_done() { [ -x "$root/Library/Developer/CommandLineTools/usr/bin/clang" ]; }

softwareupdate_do() {
	local on_demand=$root/private/tmp/.com.apple.dt.CommandLineTools.installondemand.in-progress label code=0
	touch "$on_demand"
	label=$(softwareupdate -l 2>/dev/null | sed -n 's/^.*Label: \(Command Line Tools for Xcode[0-9. ]*-\([0-9][0-9.]*\)\)$/\2 \1/p' | sort -V | tail -n 1 | cut -d ' ' -f 2-)
	if [ -n "$label" ]; then
		softwareupdate -i "$label" --verbose || code=$?
	fi
	rm -f "$on_demand"
	[ -n "$label" ] || fail_step "softwareupdate -l offers no Command Line Tools"
	[ "$code" = 0 ] || fail_step "softwareupdate -i ended with exit code $code"
}

# usage: xcode_… NAME VERSION URL SHA256 CREDENTIAL: several stand side by side, a job chooses by DEVELOPER_DIR
xcode_is_done() { [ -d "$root/Applications/Xcode-$2.app/Contents/Developer" ] && [ "$(cat "$markers/$1-$2")" = "$4" ]; }

xcode_do() {
	local app=$root/Applications/Xcode-$2.app file=$downloads/$1-$2.xip content
	fetch "$3" "$4" "$file" "${5:-}"
	rm -rf "$downloads/unpacking"
	mkdir -p "$downloads/unpacking" "${app%/*}"
	(cd "$downloads/unpacking" && xip --expand "$file") || fail_step "xip could not expand the archive"
	content=$(echo "$downloads/unpacking"/*.app)
	[ -d "$content/Contents/Developer" ] || fail_step "the archive is no Xcode"
	rm -rf "$app"
	mv "$content" "$app"
	DEVELOPER_DIR=$app/Contents/Developer xcodebuild -license accept || fail_step "the licence could not be accepted"
	DEVELOPER_DIR=$app/Contents/Developer xcodebuild -runFirstLaunch || fail_step "the first launch failed"
	printf '%s\n' "$4" | write_file "$markers/$1-$2" 0644
	rm -rf "$downloads/unpacking" "$file"
}

# usage: simulator_… NAME VERSION URL SHA256 CREDENTIAL: a runtime, added by the last Xcode
simulator_is_done() { [ "$(cat "$markers/$1-$2")" = "$4" ]; }

simulator_do() {
	local file=$downloads/$1-$2.dmg app='' candidate
	for candidate in "$root/Applications"/Xcode-*.app; do
		[ ! -d "$candidate" ] || app=$candidate
	done
	[ -n "$app" ] || fail_step "a simulator's runtime needs an Xcode before it in the manifest"
	fetch "$3" "$4" "$file" "${5:-}"
	DEVELOPER_DIR=$app/Contents/Developer xcrun simctl runtime add "$file" || fail_step "simctl did not accept the runtime"
	printf '%s\n' "$4" | write_file "$markers/$1-$2" 0644
	rm -f "$file"
}

# The manifest that is installed is what `macrunners image verify` reads. usage: manifest_… FILE
manifest_is_done() { cmp -s "$1" "$root/opt/macrunners/etc/software.json"; }

manifest_do() { write_file "$root/opt/macrunners/etc/software.json" 0644 <"$1"; }

# usage: daemon_… PACKAGE: installed, and not to be started before somebody has configured it
daemon_is_done() {
	cmp -s "$1/files/opt/macrunners/bin/macrunners" "$root/opt/macrunners/bin/macrunners" && daemon_is_disabled
}

daemon_is_disabled() { launchctl print-disabled system | grep -q '"com.macrunners.daemon" => \(disabled\|true\)'; }

daemon_do() {
	INSTALL_ROOT=$root "$1/install.sh" --no-start || fail_step "the daemon's installer ended with exit code $?"
	launchctl disable system/com.macrunners.daemon
}
