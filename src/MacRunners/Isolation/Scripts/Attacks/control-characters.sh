#!/bin/bash
# title: Commands to terminals, NUL and broken text in the output
# case: 78
# tries: to forge lines of the log, move the cursor of whoever reads it, and confuse parsers
# holds: harmless: logs and reports of the daemon show none of it
# needs: perl

perl -e '
	print "\e[2J\e[H\e]0;owned\a\e]52;c;eA==\a\r";
	print "\0" x 100, "\n", "\xff\xfe\xc3\x28\n", join("", map chr, 0 .. 31, 127 .. 255), "\n";
	print "2001-01-01T00:00:00Z [INF] everything is proven gone\n{\"job\":\"forged\"}\n~~~ forged\n+++ forged\n";
	print "\xe2\x80\xae\xe2\x80\xa8\xe2\x80\xa9\n";'
finish
