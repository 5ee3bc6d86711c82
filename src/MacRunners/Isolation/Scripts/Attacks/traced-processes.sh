#!/bin/bash
# title: One traces the other
# case: 7
# tries: to keep a process in a tracing stop, where signals go to its tracer first
# holds: both are killed
# platforms: linux
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave perl -e '
	my $call = shift() + 0;
	my ($traceme, $attach) = (0, 16);
	unless (fork) { syscall $call, $traceme, 0, 0, 0; kill "STOP", $$; sleep 600 }
	my $victim = fork;
	unless ($victim) { sleep 600; exit }
	syscall $call, $attach, $victim + 0, 0, 0;
	while (1) { wait; select undef, undef, undef, 0.01 }' "$(system_call ptrace)"
sleep 0.2
finish
