#!/bin/bash
# title: Deaf to every signal that can be ignored
# case: 3
# tries: to sit out the polite signals
# holds: killed by the one that cannot be ignored
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave perl -e '$SIG{$_} = "IGNORE" for grep !/^(KILL|STOP|NUM\d+|RTM.*|CHLD|CLD)$/, keys %SIG; sleep 600 while 1'
nohup perl -e '$SIG{$_} = "IGNORE" for qw(TERM HUP INT QUIT USR1 USR2); sleep 600 while 1' >/dev/null 2>&1 </dev/null &
finish
