#!/bin/bash
# title: System V objects that were given away
# case: 68
# tries: to leave memory, semaphores and queues in the kernel that have another owner, by giving them away
# holds: removed, since the job made them
# platforms: linux
# needs: perl
# set-up: system-v-objects
# shellcheck disable=SC2016

perl -e '
	my ($set, $stat, $create) = (1, 2, 01000 | 0666);
	sub given { my $status = shift; substr $status, 4, 8, pack "LL", 1, 1; return $status }
	my $memory = shmget 0, 4096, $create;
	my $queue = msgget 0, $create;
	my $semaphores = semget 0, 1, $create;
	my $status = "";
	shmctl $memory, $stat, $status and shmctl $memory, $set, given($status) or print "memory was kept: $!\n";
	msgctl $queue, $stat, $status and msgctl $queue, $set, given($status) or print "queue was kept: $!\n";
	semctl $semaphores, 0, $stat, $status and semctl $semaphores, 0, $set, given($status) or print "semaphores were kept: $!\n";'
finish
