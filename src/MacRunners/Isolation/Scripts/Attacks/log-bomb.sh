#!/bin/bash
# title: Output without an end
# case: 79
# tries: to fill disk and memory with what it prints
# holds: bounded
# needs: perl
# shellcheck disable=SC2016

perl -e 'my $line = "x" x 99 . "\n"; for (1 .. $ARGV[0] * 10000) { print $line }' "$MEGABYTES"
echo
finish
