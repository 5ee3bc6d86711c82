#!/bin/bash
# title: A program with root's rights that waits
# case: 12
# tries: to be represented by a set-user-id program, whose rights are root's and not the job's
# holds: killed, because the job started it
# needs: perl su
# leaves: processes

leave sh -c 'sleep 600 | su root -c true'
leave sh -c 'sleep 600 | su root -c true'
sleep 0.2
finish
