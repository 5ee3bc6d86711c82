#!/bin/bash
# title: Tokens in arguments and environments
# case: 63
# tries: to find a token in the arguments of any process, or in the environment of one that is not its own
# holds: none is there
# needs: perl ps
# refuses: arguments environments
# shellcheck disable=SC2016

ps -A -ww -o command= 2>/dev/null | perl -ne 'print "BREACH a token ($1$2...) is in the arguments of a process\n" if /(bk)(ct|at|jat|aj)_\w{8}/ && !/macrunners-control-/'
refused arguments
for process in /proc/[0-9]*; do
	if [ -O "$process" ]; then continue; fi
	if tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -q .; then breach "the environment of $process can be read"; fi
done
refused environments
finish
