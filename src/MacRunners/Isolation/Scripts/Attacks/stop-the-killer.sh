#!/bin/bash
# title: The kill helper is stopped as soon as it appears
# case: 14
# tries: to stop whatever comes with this user's number once the job has ended
# holds: root wins in the end
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave perl -e '
	sub others {
		my $own = getpgrp;
		return grep { /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)/ && $2 == $< && $3 != $own && $4 !~ /^Z/ } qx(ps -A -o pid= -o uid= -o pgid= -o stat=);
	}
	for (1 .. 200) { last unless others(); select undef, undef, undef, 0.01 }
	exit if others();
	kill "STOP", -1 while 1;'
finish
