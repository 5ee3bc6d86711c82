# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# What shells have, and what a new VM does. Sourced.

profile=/opt/macrunners/image/profile
readonly profile_line=". $profile"

# Pinned tools before those of Homebrew. A login shell in a login shell has them once.
profile_text() {
	local folders=/usr/local/bin:$brew_prefix/bin:$brew_prefix/sbin
	[ "$brew_prefix" != /usr/local ] || folders=/usr/local/bin:/usr/local/sbin
	cat <<-PROFILE
		# From bootstrap-macos.sh: changes here are lost with the next image.
		case ":\$PATH:" in
		*:$folders:*) ;;
		*) PATH=$folders:\$PATH ;;
		esac
		export PATH HOMEBREW_NO_ANALYTICS=1 HOMEBREW_NO_AUTO_UPDATE=1 HOMEBREW_NO_ENV_HINTS=1
	PROFILE
}

# Of bash and of zsh.
profile_readers() { printf '%s\n' "$root/private/etc/profile" "$root/private/etc/zprofile"; }

profile_is_done() {
	local file
	profile_text | cmp -s - "$root$profile" || return 1
	for file in $(profile_readers); do
		[ "$(grep -cFx "$profile_line" "$file")" = 1 ] || return 1
	done
}

profile_do() {
	local file
	profile_text | write_file "$root$profile" 0644
	for file in $(profile_readers); do
		{
			[ ! -f "$file" ] || grep -vFx "$profile_line" "$file" || true
			printf '%s\n' "$profile_line"
		} | write_file "$file" 0644
	done
}

# usage: first_boot_… FOLDER
first_boot_is_done() {
	cmp -s "$1/first-boot.sh" "$root/opt/macrunners/image/first-boot.sh" && cmp -s "$1/first-boot.plist" "$root/Library/LaunchDaemons/com.macrunners.first-boot.plist"
}

first_boot_do() {
	write_file "$root/opt/macrunners/image/first-boot.sh" 0755 <"$1/first-boot.sh"
	write_file "$root/Library/LaunchDaemons/com.macrunners.first-boot.plist" 0644 <"$1/first-boot.plist"
}
