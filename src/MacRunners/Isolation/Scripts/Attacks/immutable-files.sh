#!/bin/bash
# title: Immutable and append-only, by root
# case: 29 30
# tries: to leave files, folders and a home that not even root can rename or remove as they are
# holds: the flags are cleared, everything is removed
# set-up: immutable-files
# leaves: files

rm -f "$HOME/workspace/fixed/file" 2>/dev/null
[ -e "$HOME/workspace/fixed/file" ] || breach "the set-up had no effect"
finish
