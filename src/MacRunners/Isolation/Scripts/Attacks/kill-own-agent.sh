#!/bin/bash
# title: The job kills its agent
# case: 15
# tries: to end the agent that runs it, and all above, so that nobody waits for the job any more
# holds: root's processes are out of reach; the job is reported as lost and torn down
# needs: perl ps
# leaves: processes
# ends: cut off

leave sleep 600
kill_all_above
finish
