#!/bin/bash
# title: POSIX message queues
# case: 68
# tries: to leave a message queue in the kernel, under a name that the next job may use
# holds: removed
# platforms: linux
# needs: perl
# set-up: message-queues
# shellcheck disable=SC2016

[ -n "$(system_call mq_open)" ] || skip "the number of the system call is not known here"
perl -e '
	my ($call, $mark) = @ARGV;
	for my $number (1 .. 3) { my $name = "$mark-$number"; syscall($call + 0, $name, 0102, 0666, 0) >= 0 or print "no queue: $!\n" }' "$(system_call mq_open)" "$MARK"
finish
