#!/bin/bash
# title: Descriptors of root
# case: 71
# tries: to use what root has left open in its process
# holds: only input and outputs are open
# needs: perl
# refuses: descriptors
# shellcheck disable=SC2016

perl -MPOSIX -e '
	my $own = POSIX::open("/dev/null");
	for my $number (3 .. 4096) {
		next if $number == $own;
		my @status = POSIX::fstat($number) or next;
		printf "BREACH descriptor %d is open: device %s, inode %s, mode %o %s\n", $number, @status[0, 1, 2], readlink("/proc/self/fd/$number") // "";
	}
	print "refused descriptors\n";'
finish
