#!/bin/bash
# title: The kill helper is stopped as soon as it appears
# case: 14
# tries: to stop whatever comes with this user's number once the job has ended
# holds: root wins in the end
# needs: perl ps
# leaves: processes
# shellcheck disable=SC2016

job=$$
above=$PPID
while [ "${above:-0}" -gt 1 ] && [ "$(ps -o uid= -p "$above" | tr -d ' ')" = "$(id -u)" ]; do
	job="$job $above"
	above=$(ps -o ppid= -p "$above" | tr -d ' ')
done
# shellcheck disable=SC2086
leave perl -e '
	my $began = time;
	while (grep { kill 0, $_ } @ARGV) { exit if time > $began + 30 }
	kill "STOP", -1 while 1;' $job
finish
