#!/bin/bash
# title: The daemon's configuration, token, journal, logs and programs
# case: 44 62 64
# tries: to read what is secret, and to change what is the daemon's or the agent's
# holds: refused
# needs: perl
# refuses: secret own
# shellcheck disable=SC2016

while IFS= read -r path; do
	[ -n "$path" ] || continue
	if [ -d "$path" ]; then must_fail secret ls "$path"; else must_fail secret cat "$path"; fi
	must_fail own perl -e 'exit !open my $file, ">>", $ARGV[0]' "$path"
	must_fail own rm -f "$path"
done <<<"$DAEMON_SECRETS"
while IFS= read -r path; do
	[ -n "$path" ] || continue
	if [ -d "$path" ]; then must_fail own touch "$path/$MARK"; else must_fail own perl -e 'exit !open my $file, ">>", $ARGV[0]' "$path"; fi
	must_fail own perl -e 'exit !rename $ARGV[0], "$ARGV[0]-moved"' "$path"
	must_fail own chmod 0777 "$path"
done <<<"$DAEMON_OWN"
finish
