#!/bin/bash
# title: Two that replace each other
# case: 4
# tries: to come back: each of two processes starts the other again as soon as it dies
# holds: both are gone for good
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave perl -e '
	$SIG{CHLD} = "IGNORE";
	my $other = 0;
	while (1) {
		if (!$other || !kill 0, $other) {
			my $parent = $$;
			my $child = fork;
			$other = $child || $parent if defined $child;
		}
		select undef, undef, undef, 0.001;
	}'
sleep 0.3
finish
