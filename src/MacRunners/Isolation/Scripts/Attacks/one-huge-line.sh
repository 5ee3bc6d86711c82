#!/bin/bash
# title: A line without an end
# case: 78 79
# tries: to use up the memory of whoever reads lines
# holds: bounded
# needs: perl
# shellcheck disable=SC2016

perl -e 'print "x" x 1000000 for 1 .. $ARGV[0]' "$MEGABYTES"
echo
finish
