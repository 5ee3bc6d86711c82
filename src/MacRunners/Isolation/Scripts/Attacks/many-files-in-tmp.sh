#!/bin/bash
# title: Very many files in a shared folder
# case: 26 34
# tries: to make the sweep of a shared folder take for ever, one entry at a time
# holds: gone; the report stays readable
# needs: perl
# leaves: files
# shellcheck disable=SC2016

perl -e 'my ($files, $mark) = @ARGV; for my $number (1 .. $files / 20) { open my $file, ">", "/tmp/$mark-$number" }' "$FILES" "$MARK"
finish
