#!/bin/bash
# title: Crashes
# case: 63 72
# tries: to have its memory, with a secret in it, kept as a core file or crash report
# holds: none is made, or none is left
# needs: perl

cd /tmp || exit 1
for signal in SEGV ABRT BUS QUIT; do
	perl -e 'my $kept = $ENV{SECRET} x 10; kill shift, $$; sleep 10' "$signal"
done
cd "$HOME" && perl -e 'my $kept = $ENV{SECRET} x 10; kill "SEGV", $$; sleep 10'
finish
