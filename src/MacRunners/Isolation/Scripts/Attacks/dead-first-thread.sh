#!/bin/bash
# title: A process whose first thread is dead
# case: 10
# tries: to look like a zombie while other threads go on
# holds: killed
# platforms: linux
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

perl -Mthreads -e 1 2>/dev/null || skip "perl has no threads here"
leave perl -Mthreads -e 'threads->create(sub { sleep 600 while 1 }); syscall($ARGV[0] + 0, 0)' "$(system_call exit)"
sleep 0.2
finish
