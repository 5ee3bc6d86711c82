#!/bin/bash
# title: The system's configuration
# case: 64 66 69
# tries: to change what the next job, or root, will read: accounts, rights, names, schedules, programs, defaults of tools
# holds: refused
# needs: perl
# refuses: change git?
# shellcheck disable=SC2016

for path in /etc /etc/passwd /etc/group /etc/shadow /etc/master.passwd /etc/sudoers /etc/sudoers.d /etc/hosts /etc/resolv.conf /etc/profile /etc/bash.bashrc \
	/etc/bashrc /etc/zshrc /etc/zshenv /etc/environment /etc/ld.so.preload /etc/ld.so.conf.d /etc/pam.d /etc/crontab /etc/cron.d /etc/cron.daily /etc/at.allow \
	/etc/cron.allow /etc/ssh /etc/gitconfig /etc/systemd/system /etc/launchd.conf /etc/newsyslog.d /etc/paths.d /etc/periodic /Library/LaunchDaemons \
	/Library/LaunchAgents /Library/Preferences /Library/StartupItems /var/db /var/at /var/spool/cron /usr/local/bin /usr/local/etc /usr/bin /bin /opt \
	/opt/homebrew/bin /root /var/root "$(command -v bash)" "$(command -v git)" "$(command -v buildkite-agent)"; do
	if [ ! -e "$path" ]; then continue; fi
	if [ -d "$path" ]; then
		must_fail change perl -e 'my $new = "$ARGV[0]/$ARGV[1]"; exit !(open(my $file, ">", $new) && unlink $new)' "$path" "$MARK"
	else
		must_fail change perl -e 'exit !open my $file, ">>", $ARGV[0]' "$path"
	fi
done
if command -v git >/dev/null 2>&1; then must_fail git git config --system "macrunners.$RUN" x; fi
finish
