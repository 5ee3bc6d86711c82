#!/bin/bash
# title: A daemon of its own
# case: 1
# tries: to outlive the job as a daemon that the system's first process adopts, without session, group and terminal of the job
# holds: killed
# needs: perl
# leaves: processes

leave sleep 600
leave sleep 601
finish
