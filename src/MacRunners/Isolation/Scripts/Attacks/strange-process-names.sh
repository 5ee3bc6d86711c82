#!/bin/bash
# title: Processes with treacherous names
# case: 1 78
# tries: to mislead whoever reads the process table, and whoever reads the log afterwards, by names that look like rows of it
# holds: killed; the log is not forged
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave perl -e '$0 = "x) Z 1 1 (y"; sleep 600'
leave perl -e '$0 = "\nUid:\t0\t0\t0\t0\n"; sleep 600'
leave perl -e '$0 = "\e[2J\e[31m\0\a"; sleep 600'
leave perl -e '$0 = "\xff\xfe\xfd"; sleep 600'
cp "$(command -v sleep)" "$TMPDIR/$(printf 'a\nState:\tZ')" && leave "$TMPDIR/$(printf 'a\nState:\tZ')" 600
cp "$(command -v sleep)" "$TMPDIR/kill-as" && leave "$TMPDIR/kill-as" 600
sleep 0.1
finish
