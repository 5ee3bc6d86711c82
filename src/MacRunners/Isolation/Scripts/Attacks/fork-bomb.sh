#!/bin/bash
# title: Fork bomb
# case: 6
# tries: to have as many processes as the limit allows, each of which forks again as soon as another dies
# holds: the limit stops it; the daemon can still start its helpers; all are gone
# needs: perl
# leaves: processes
# ends: cut off
# shellcheck disable=SC2016

leave perl -e '$SIG{CHLD} = "IGNORE"; while (1) { fork; select undef, undef, undef, 0.02 }'
sleep 1
finish
