#!/bin/bash
# title: The daemon is signalled and traced
# case: 16
# tries: to end, stop, slow down, trace or read the daemon
# holds: refused
# needs: perl
# refuses: signal-0 signal-TERM signal-KILL signal-STOP signal-HUP signal-QUIT priority trace? memory? environment?
# shellcheck disable=SC2016

for signal in 0 TERM KILL STOP HUP QUIT; do must_fail "signal-$signal" kill -s "$signal" "$DAEMON_PID"; done
must_fail priority renice -n 5 -p "$DAEMON_PID"
if [ -n "$(system_call ptrace)" ]; then
	must_fail trace perl -e 'my ($call, $pid) = @ARGV; exit(syscall($call + 0, 16, $pid + 0, 0, 0) == -1)' "$(system_call ptrace)" "$DAEMON_PID"
fi
if [ -d /proc/self ]; then
	must_fail memory head -c 1 "/proc/$DAEMON_PID/mem"
	must_fail environment head -c 1 "/proc/$DAEMON_PID/environ"
	must_fail descriptors ls "/proc/$DAEMON_PID/fd"
fi
finish
