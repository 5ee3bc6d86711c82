#!/bin/bash
# title: Never the same process twice
# case: 5
# tries: to be gone before its number is read: the child goes on and the parent ends, over and over
# holds: gone; nobody else is hit
# needs: perl
# shellcheck disable=SC2016

for _ in 1 2 3; do leave perl -e 'while (1) { exit if fork }'; done
sleep 0.3
finish
