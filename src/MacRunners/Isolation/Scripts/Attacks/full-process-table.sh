#!/bin/bash
# title: Every process that it may have
# case: 6
# tries: to use up the number of processes, so that nothing more can be started as this user, a kill helper included
# holds: refused beyond the limit; all are gone
# needs: perl
# refuses: another-process
# leaves: processes
# ends: cut off
# shellcheck disable=SC2016

perl -MPOSIX=setsid -e '
	$| = 1;
	my $count = 0;
	while (1) {
		my $child = fork;
		last unless defined $child;
		if (!$child) { setsid(); close STDOUT; close STDERR; sleep 600; exit }
		$count++;
		if ($count > 200000) { print "BREACH no limit of processes\n"; exit }
	}
	print "refused another-process\n";'
finish
