#!/bin/bash
# title: Keys in the kernel
# case: 68
# tries: to leave keys in the keyrings of its user and of its session
# holds: the next job, which has another number, sees none
# platforms: linux
# needs: perl
# shellcheck disable=SC2016

[ -n "$(system_call add_key)" ] || skip "the number of the system call is not known here"
perl -e '
	my ($call, $mark, $secret) = @ARGV;
	my $type = "user";
	for my $ring (-3, -4, -5) { syscall($call + 0, $type, $mark, $secret, length $secret, $ring) >= 0 or print "no key in $ring: $!\n" }' "$(system_call add_key)" "$MARK" "$SECRET"
finish
