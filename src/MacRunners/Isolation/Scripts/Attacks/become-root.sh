#!/bin/bash
# title: Becoming root
# case: 61 75
# tries: every way back to root: saved numbers, groups, sudo, su, doas, polkit
# holds: refused
# needs: perl
# refuses: setuid seteuid setgid setgroups sudo su file-owner setuid-root-file
# shellcheck disable=SC2016

must_fail setuid perl -MPOSIX -e 'exit !(defined POSIX::setuid(0) && $< == 0)'
must_fail seteuid perl -e '$> = 0; exit $> != 0'
must_fail setgid perl -MPOSIX -e 'exit !(defined POSIX::setgid(0) && $( + 0 == 0)'
must_fail setgroups perl -e '$) = "0 0"; exit !grep { $_ == 0 } split " ", $)'
must_fail sudo sudo -n true
must_fail su sh -c 'su root -c true </dev/null'
must_fail doas doas -n true
must_fail polkit pkexec --disable-internal-agent true
echo x >"$TMPDIR/file"
must_fail file-owner chown 0 "$TMPDIR/file"
cp /bin/sh "$TMPDIR/shell"
chmod 4755 "$TMPDIR/shell"
must_fail setuid-root-file sh -c 'chown 0 "$TMPDIR/shell" && "$TMPDIR/shell" -p -c "exit \$(id -u)"'
finish
