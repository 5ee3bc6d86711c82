#!/bin/bash
# title: A file system of the job's own that never answers
# case: 11 46 47
# tries: to have its processes wait for ever in a file system whose only server waits with them, and root with them
# holds: it is taken away, whoever waits in it is killed, nothing of it is entered
# platforms: linux
# needs: perl
# set-up: frozen-file-system
# leaves: processes mounts

finish
