#!/bin/bash
# title: kill -9 -1
# case: 15
# tries: to kill everything that can be killed
# holds: nobody else's process is hit; the job is reported as lost and torn down
# ends: cut off

kill -KILL -1
kill -KILL $$
