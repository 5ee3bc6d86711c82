# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# What keeps others, and jobs, from the machine. Sourced.

preferences=$root/Library/Preferences
ssh_folder=$root/private/etc/ssh

# The value is set in the system's preferences. usage: is_preferred DOMAIN KEY 0|1
is_preferred() { [ "$(defaults read "$preferences/$1" "$2")" = "$3" ]; }

# Keys only, one account only. The first value of a keyword counts, so the file's name comes first.
ssh_text() {
	cat <<-SSH
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		PermitEmptyPasswords no
		PermitRootLogin no
		PubkeyAuthentication yes
		AuthorizedKeysFile /etc/ssh/macrunners_keys/%u
		AllowUsers $admin
		X11Forwarding no
		AllowAgentForwarding no
	SSH
}

ssh_is_done() { ssh_text | cmp -s - "$ssh_folder/sshd_config.d/000-macrunners.conf"; }

ssh_do() {
	local file=$ssh_folder/sshd_config.d/000-macrunners.conf
	ssh_text | write_file "$file" 0644
	if ! sshd -t; then
		rm -f "$file"
		fail_step "sshd refuses the configuration"
	fi
}

# The operator's public key; root's file, so that nobody adds another. usage: key_… FILE
key_is_done() { cmp -s "$1" "$ssh_folder/macrunners_keys/$admin"; }

key_do() {
	ssh-keygen -l -f "$1" || fail_step "$1 is no public key"
	write_file "$ssh_folder/macrunners_keys/$admin" 0644 <"$1"
}

# Whoever has the key, and nobody by a password.
sudo_text() { printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$admin"; }

sudo_is_done() { sudo_text | cmp -s - "$root/private/etc/sudoers.d/macrunners"; }

sudo_do() {
	sudo_text >"$log.sudoers"
	visudo -c -f "$log.sudoers" || fail_step "visudo refuses the rule"
	write_file "$root/private/etc/sudoers.d/macrunners" 0440 <"$log.sudoers"
	rm -f "$log.sudoers"
}

# Indexes of job files would outlive them.
spotlight_is_done() {
	local state
	state=$(mdutil -a -s) || return 1
	case $state in
	*'Indexing enabled'*) return 1 ;;
	*) return 0 ;;
	esac
}

spotlight_do() { mdutil -a -i off; }

# Snapshots keep blocks of deleted homes.
time_machine_is_done() { is_preferred com.apple.TimeMachine AutoBackup 0; }

time_machine_do() { defaults write "$preferences/com.apple.TimeMachine" AutoBackup -bool false; }

readonly update_keys='AutomaticCheckEnabled AutomaticDownload AutomaticallyInstallMacOSUpdates ConfigDataInstall CriticalUpdateInstall'

# The image is renewed as a whole.
updates_is_done() {
	local key
	for key in $update_keys; do
		is_preferred com.apple.SoftwareUpdate "$key" 0 || return 1
	done
}

updates_do() {
	local key
	for key in $update_keys; do
		defaults write "$preferences/com.apple.SoftwareUpdate" "$key" -bool false
	done
}

sleep_is_done() { [ "$(pmset -g | sed -n 's/^ *sleep  *\([0-9]*\).*/\1/p')" = 0 ]; }

sleep_do() { pmset -a sleep 0 disksleep 0 displaysleep 0; }

# usage: only_root_… cron|at
only_root_is_done() { [ "$(cat "$root/private/var/at/$1.allow")" = root ]; }

only_root_do() { echo root | write_file "$root/private/var/at/$1.allow" 0644; }

# The password of automatic login lies on the disk, as good as readable.
auto_login_is_done() {
	[ ! -e "$root/private/etc/kcpassword" ] && ! defaults read "$preferences/com.apple.loginwindow" autoLoginUser
}

auto_login_do() {
	rm -f "$root/private/etc/kcpassword"
	defaults delete "$preferences/com.apple.loginwindow" autoLoginUser || true # may not have been there
}

# Which one the base image had is known to whoever published it, but not here: so it is noted that it was replaced.
password_is_done() { [ -e "$markers/password-of-$admin" ] && ! dscl . -authonly "$admin" "$admin"; }

# A new one that nobody knows, over standard input: arguments can be seen by all.
password_do() {
	local new
	new=$(od -An -tx1 -N24 /dev/urandom | tr -d ' \n')
	[ "${#new}" = 48 ] || fail_step "no random bytes"
	printf 'passwd /Users/%s %s\n' "$admin" "$new" | dscl . || fail_step "dscl did not change it"
	echo replaced | write_file "$markers/password-of-$admin" 0644
}
