#!/bin/bash
# title: Blocked for ever
# case: 11
# tries: to hang in calls that never return: a FIFO without partner, a lock that is held, a full pipe
# holds: killed
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

mkfifo "$HOME/in" "$HOME/out"
leave cat "$HOME/in"
leave sh -c 'echo x >"$HOME/out"'
leave perl -e 'pipe my $from, my $to; syswrite $to, "x" x 65536 while 1'
leave perl -MFcntl=:flock -e 'open my $lock, ">", "$ENV{HOME}/lock"; flock $lock, LOCK_EX; fork; open $lock, ">", "$ENV{HOME}/lock"; flock $lock, LOCK_EX; sleep 600'
sleep 0.1
finish
