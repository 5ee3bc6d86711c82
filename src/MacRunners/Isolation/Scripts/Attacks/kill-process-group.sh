#!/bin/bash
# title: kill -9 0
# case: 17
# tries: to hit whoever shares the job's process group
# holds: the daemon does not
# needs: perl
# leaves: processes
# ends: cut off

leave sleep 600
kill -KILL 0
