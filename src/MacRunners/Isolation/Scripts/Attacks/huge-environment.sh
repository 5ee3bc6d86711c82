#!/bin/bash
# title: A huge environment
# case: 70
# tries: to leave processes with as many and as long variables as the kernel takes
# holds: killed
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave perl -e '
	if (@ARGV) { sleep 600; exit }
	$ENV{"V$_"} = "x" x 100000 for 1 .. 8;
	$ENV{"W$_"} = "\n\e[2J" for 1 .. 3000;
	exec $^X, "-e", "sleep 600", ("y" x 100000) x 3;'
sleep 0.1
finish
