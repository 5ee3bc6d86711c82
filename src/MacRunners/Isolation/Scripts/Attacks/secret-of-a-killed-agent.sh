#!/bin/bash
# title: What a killed agent leaves
# case: 15 63
# tries: to have its secrets stay on the machine: the agent is killed before it can remove the file that holds the job's environment
# holds: the secret is nowhere
# needs: perl ps
# leaves: processes
# ends: cut off
# shellcheck disable=SC2016

echo "$SECRET" >"$TMPDIR/secret"
echo "$SECRET" >"/tmp/$MARK-secret"
echo "$SECRET" >"$HOME/.secret"
leave perl -e 'open my $file, ">", "$ENV{HOME}/kept"; syswrite $file, $ENV{SECRET}; unlink "$ENV{HOME}/kept"; sleep 600'
kill_all_above
kill -KILL $$
