#!/bin/bash
# title: Stopped processes
# case: 7
# tries: to be left over because signals wait for a stopped process
# holds: killed
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave perl -e 'kill "STOP", $$; sleep 600'
leave perl -e 'for (1 .. 3) { unless (fork) { kill "STOP", $$; sleep 600 } } kill "TSTP", $$; sleep 600'
sleep 0.2
finish
