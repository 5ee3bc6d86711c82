#!/bin/bash
# title: Hard links that the job makes itself
# case: 40
# tries: to get second names of files of others, and very many of its own
# holds: refused, or harmless
# needs: perl
# leaves: files
# shellcheck disable=SC2016

mkdir "$HOME/linked" "/tmp/$MARK-linked"
for folder in "$HOME/linked" "/tmp/$MARK-linked"; do
	for file in root.txt secret.txt foreign.txt; do ln "$CANARIES/$file" "$folder/$file" 2>/dev/null; done
	ln /etc/passwd "$folder/passwd" 2>/dev/null
done
perl -e 'chdir $ARGV[0]; open my $file, ">", "own"; for (1 .. 500) { link "own", "own$_" }' "$HOME/linked"
finish
