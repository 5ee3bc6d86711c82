#!/bin/bash
# title: An open folder in a folder of others
# case: 26
# tries: to leave files in a folder that is open to everybody, inside one that is not, in a shared folder
# holds: gone
# set-up: open-inside-closed
# leaves: files

echo x >"/tmp/outer-$MARK/open/left" || skip "the folder is not there"
mkdir "/tmp/outer-$MARK/open/folder" && echo x >"/tmp/outer-$MARK/open/folder/file"
echo x >"/tmp/outer-$MARK/open/closed/open/left"
finish
