#!/bin/bash
# title: Sessions and process groups of its own
# case: 2
# tries: to escape whoever kills by session or process group
# holds: killed by user number
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave perl -MPOSIX=setsid,setpgid -e '
	for my $kind (1 .. 6) {
		next if fork;
		$kind % 2 ? setsid() : setpgid(0, 0);
		exec "sleep", "600" if fork;
		setsid() if $kind > 3;
		exec "sleep", "601";
	}
	sleep 600;'
sleep 0.2
finish
