# shellcheck shell=bash disable=SC2034,SC2154 # what these files share, they are sourced together for
# The service under systemd. Sourced.

readonly unit=macrunners.service
readonly socket=macrunners.socket

service_rid() {
	case $(uname -m) in
	x86_64) echo linux-x64 ;;
	aarch64) echo linux-arm64 ;;
	*) echo "linux-$(uname -m)" ;;
	esac
}

service_preflight() {
	local tool
	[ -z "$start" ] || [ -d /run/systemd/system ] || refuse "systemd does not run here. With --no-start only the files are put in place."
	for tool in useradd userdel groupadd groupdel; do
		command -v "$tool" >/dev/null || refuse "$tool is missing: the daemon makes accounts with it (Debian: apt-get install passwd)."
	done
	[ -x /usr/sbin/nft ] || warn "nft is missing: install it before the first start (Debian: apt-get install nftables), or set Network:Fence to false."
	[ -e /proc/net/if_inet6 ] || warn "IPv6 is switched off here: reduce macrunners.socket to IPv4 before the first start (DEPLOYMENT.md, section 4)."
}

# A property of the unit. usage: property NAME
property() { systemctl show --property="$1" --value "$unit" 2>/dev/null; }

# Whether it runs or would be started again by itself.
service_is_wanted() {
	case $(property ActiveState) in
	active | activating | reloading) return 0 ;;
	*) return 1 ;;
	esac
}

# Number of the daemon's process; empty when there is none.
service_pid() { property MainPID | sed 's/^0$//'; }

# The daemon that was started last has ended by itself.
service_has_failed() {
	case $(property SubState) in
	auto-restart | failed | dead) return 0 ;;
	*) return 1 ;;
	esac
}

# systemd tells by its state whether a start has failed: nothing to remember.
mark_service_starts() { :; }

service_log_hint() { echo "See: journalctl -u macrunners -n 50"; }

service_enable_hint() { echo "systemctl enable --now macrunners.socket macrunners.service"; }

service_reload_hint() { echo "systemctl stop macrunners.service macrunners.socket && systemctl start macrunners.service"; }

# Files that take effect only when the service and its socket are stopped and started.
service_definitions() { echo etc/systemd/system/$socket; }

service_files_changed() {
	# Labels are by path, and files that were renamed have those of where they were made.
	if command -v restorecon >/dev/null; then restorecon -RF "$home" /etc/systemd/system/macrunners.* 2>/dev/null || true; fi
	[ -z "$start" ] || systemctl daemon-reload
}

service_make_folders() { :; }

service_enable() { systemctl enable --quiet "$socket" "$unit"; }

service_disable() {
	[ ! -d /run/systemd/system ] || systemctl disable --quiet "$socket" "$unit" 2>/dev/null || true
}

# At once, also where systemd would pause before the next start.
service_start() {
	systemctl reset-failed "$unit" 2>/dev/null || true
	systemctl start "$socket" 2>/dev/null || true
	systemctl start "$unit" || true
}

# The socket first: while it listens, a connection would start the daemon again.
service_stop() {
	[ -d /run/systemd/system ] || return 0
	systemctl stop "$socket" "$unit" 2>/dev/null || true
	systemctl reset-failed "$socket" "$unit" 2>/dev/null || true
}

service_purge() {
	if [ -n "$(ls -A /var/lib/macrunners/homes 2>/dev/null)" ]; then
		warn "homes of jobs are left in /var/lib/macrunners/homes; they and the daemon's state are kept. A machine that was dirty is best thrown away."
	else
		# The trash is root's alone, and no process of its former owners is left.
		rm -rf --one-file-system -- /var/lib/macrunners
	fi
	rm -rf --one-file-system -- /var/log/macrunners /run/macrunners
	rm -rf -- /etc/systemd/system/$unit.d /etc/systemd/system/$socket.d
}

service_clean_up() { :; }

service_forget() {
	[ ! -d /run/systemd/system ] || systemctl daemon-reload
}
