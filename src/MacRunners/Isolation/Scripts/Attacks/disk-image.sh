#!/bin/bash
# title: A disk image from the home, mounted in the home
# case: 46 47
# tries: to keep a mount busy whose image lies in the home, by a process that works in it
# holds: killed, unmounted, removed
# needs: perl
# set-up: disk-image
# leaves: processes mounts
# shellcheck disable=SC2016

cd "$HOME/workspace/disk" || exit 1
echo x >file
leave perl -e 'chdir $ARGV[0]; open my $file, ">", "held"; sleep 600' "$HOME/workspace/disk"
finish
