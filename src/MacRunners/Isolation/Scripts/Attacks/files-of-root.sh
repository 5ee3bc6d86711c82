#!/bin/bash
# title: Files of root inside the home
# case: 41 43
# tries: to keep what it cannot remove itself: files, folders and devices that a program with root's rights left there
# holds: removed
# set-up: files-of-root

ls -ld "$HOME/workspace/of-root" >/dev/null
finish
