#!/bin/bash
# title: Its own account's record
# case: 56
# tries: to change shell, name, password and home in the account database, so that teardown looks for something else
# holds: teardown follows what was recorded when the account was made
# refuses: home

for tool in "chsh -s /bin/sh" "chfn -f $MARK" "chfn -r 1 -w 2" "passwd -d $USER" "chpass -s /bin/sh"; do
	# shellcheck disable=SC2086
	$tool </dev/null >/dev/null 2>&1 && echo "accepted: $tool"
done
(echo "$SECRET" && echo "$SECRET") | passwd >/dev/null 2>&1 && echo "accepted: passwd"
must_fail home usermod -d / "$USER"
must_fail number usermod -u 0 -o "$USER"
must_fail group groupadd -g 0 -o "$USER"
must_fail remove userdel "$USER"
finish
