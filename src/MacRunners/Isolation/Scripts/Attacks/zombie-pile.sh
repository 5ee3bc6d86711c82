#!/bin/bash
# title: Dead that nobody buries
# case: 10
# tries: to be counted for ever by leaving dead children whose parent does not wait for them
# holds: the dead do not stop the teardown
# needs: perl
# leaves: processes
# shellcheck disable=SC2016

leave perl -e 'for (1 .. 100) { exit unless fork } sleep 600'
sleep 0.2
finish
