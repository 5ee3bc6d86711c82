#!/bin/bash
# title: System V memory, semaphores and queues
# case: 68
# tries: to leave memory, semaphores and messages in the kernel, with keys that the next job may use
# holds: removed
# needs: perl
# set-up: system-v-objects
# shellcheck disable=SC2016

perl -e '
	my ($key) = @ARGV;
	my $create = 01000 | 0666;
	for my $number (0, $key, $key + 1) {
		my $memory = shmget $number, 65536, $create;
		defined $memory or print "no memory: $!\n";
		shmwrite $memory, "left by the job", 0, 15 if defined $memory;
		defined semget $number, 4, $create or print "no semaphores: $!\n";
		my $queue = msgget $number, $create;
		defined $queue && msgsnd $queue, pack("l! a*", 1, "left by the job"), 0 or print "no queue: $!\n";
	}' "$PORT"
finish
