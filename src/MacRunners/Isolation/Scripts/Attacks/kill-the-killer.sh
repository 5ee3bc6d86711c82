#!/bin/bash
# title: The kill helper is killed as soon as it appears
# case: 14
# tries: to kill whatever comes with this user's number
# holds: root wins in the end
# needs: perl
# leaves: processes
# ends: cut off
# shellcheck disable=SC2016

leave perl -e 'select undef, undef, undef, 0.3; kill "KILL", -1 while 1'
finish
