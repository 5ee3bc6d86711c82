#!/bin/bash
# title: A mount inside the home
# case: 46
# tries: to have removal go into another file system, or another part of this one, that is mounted inside the home
# holds: unmounted, never entered
# set-up: bind-mount
# leaves: mounts

ls "$HOME/workspace/mounted" >/dev/null
finish
