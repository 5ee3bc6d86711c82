#!/bin/bash
# title: Hard links to files of others
# case: 40
# tries: to have owner, mode or content of somebody else's file changed by what teardown does to a second name of it
# holds: the second name is removed; the file stays as it is
# set-up: foreign-hard-links

ls -l "$HOME/workspace/linked" >/dev/null
chmod 777 "$HOME/workspace/linked/root.txt" 2>/dev/null && breach "the mode of root's file could be changed"
finish
