#!/bin/bash
# title: POSIX memory and semaphores
# case: 68
# tries: to leave shared memory and semaphores under names that the next job may use
# holds: removed
# platforms: linux
# leaves: files

umask 0
[ -d /dev/shm ] || skip "there is no /dev/shm"
echo x >"/dev/shm/$MARK-memory"
echo x >"/dev/shm/sem.$MARK"
mkdir "/dev/shm/$MARK-folder" && echo x >"/dev/shm/$MARK-folder/file"
finish
