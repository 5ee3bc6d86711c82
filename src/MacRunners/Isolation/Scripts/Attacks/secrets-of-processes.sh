#!/bin/bash
# title: Tokens in arguments and environments
# case: 63
# tries: to find a token in the arguments of any process, or in the environment of one that is not its own
# holds: none is there
# needs: ps
# refuses: arguments environments

found=$(ps -A -ww -o command= 2>/dev/null | grep -v macrunners-control- | sed -n 's/.*\(bk\)\(ct\|at\|jat\|aj\)\(_\)[A-Za-z0-9]\{8\}.*/\1\2\3/p' | head -n 1)
[ -z "$found" ] || breach "a token ($found...) is in the arguments of a process"
refused arguments
for process in /proc/[0-9]*; do
	if [ -O "$process" ]; then continue; fi
	if tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -q .; then breach "the environment of $process can be read"; fi
done
refused environments
finish
