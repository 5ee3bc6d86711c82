#!/bin/bash
# title: A folder in a folder in a folder
# case: 33
# tries: to exhaust the stack, the descriptors or the length of paths of whoever removes it
# holds: removed
# needs: perl
# leaves: files
# shellcheck disable=SC2016

for top in "$HOME/deep" "/tmp/$MARK-deep"; do
	perl -e '
		my ($top, $depth) = @ARGV;
		my $name = "deeper" x 10;
		mkdir $top; chdir $top;
		for (1 .. $depth) { mkdir $name and chdir $name or die "$!" }
		open my $file, ">", "bottom";' "$top" "$DEPTH"
done
finish
