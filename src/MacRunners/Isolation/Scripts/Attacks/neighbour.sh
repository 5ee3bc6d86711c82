#!/bin/bash
# title: Another job's home, environment, sockets and processes
# case: 16 62 63
# tries: to read, change, signal and trace a job that runs at the same time
# holds: refused, and the other job goes on
# needs: perl
# beside: neighbour
# refuses: list read read-open plant plant-open connect signal-KILL signal-STOP trace? environment? folder? descriptors? memory?
# shellcheck disable=SC2016

must_fail list ls "$BESIDE_HOME"
must_fail read cat "$BESIDE_HOME/secret"
must_fail read-open cat "$BESIDE_HOME/open/secret"
must_fail plant touch "$BESIDE_HOME/planted"
must_fail plant-open touch "$BESIDE_HOME/open/planted"
must_fail connect perl -MIO::Socket::UNIX -e 'exit !IO::Socket::UNIX->new(Peer => $ARGV[0])' "$BESIDE_HOME/socket"
must_fail signal-KILL kill -KILL "$BESIDE_PID"
must_fail signal-STOP kill -STOP "$BESIDE_PID"
if [ -n "$(system_call ptrace)" ]; then
	must_fail trace perl -e 'my ($call, $pid) = @ARGV; exit(syscall($call + 0, 16, $pid + 0, 0, 0) == -1)' "$(system_call ptrace)" "$BESIDE_PID"
fi
if [ -d /proc/self ]; then
	must_fail environment head -c 1 "/proc/$BESIDE_PID/environ"
	must_fail memory head -c 1 "/proc/$BESIDE_PID/mem"
	must_fail folder ls "/proc/$BESIDE_PID/cwd/"
	must_fail descriptors ls "/proc/$BESIDE_PID/fd"
fi
finish
