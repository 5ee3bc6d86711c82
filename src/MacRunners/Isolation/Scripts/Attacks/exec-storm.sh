#!/bin/bash
# title: Another program every moment
# case: 5
# tries: to be unrecognizable: the process replaces its program all the time
# holds: killed
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave sh -c 'exec sh -c "$0" "$0"' 'exec sh -c "$0" "$0"'
leave perl -e 'exec $^X, "-e", $ARGV[0], $ARGV[0]' 'exec $^X, "-e", $ARGV[0], $ARGV[0]'
sleep 0.1
finish
