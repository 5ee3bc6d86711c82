#!/bin/bash
# title: Files without an end
# case: 45 48
# tries: to use up the disk: by a file that is huge only in name, by many real bytes, and by a deleted file that is kept open
# holds: gone, and the room comes back
# needs: perl
# leaves: processes files
# shellcheck disable=SC2016

for place in "$HOME" "${PLACES[@]}"; do
	perl -e 'open my $file, ">", $ARGV[0]; seek $file, 1 << 40, 0; syswrite $file, "x"' "$place/$MARK-sparse"
done
perl -e '
	my ($megabytes, @files) = @ARGV;
	for my $name (@files) {
		open my $file, ">", $name or next;
		for (1 .. $megabytes) { syswrite $file, "x" x 1048576 or last }
	}' "$MEGABYTES" "$HOME/filler" "/tmp/$MARK-filler"
leave perl -e '
	my ($megabytes, $name) = @ARGV;
	open my $file, ">", $name; unlink $name;
	for (1 .. $megabytes) { syswrite $file, "x" x 1048576 or last }
	sleep 600;' "$MEGABYTES" "$HOME/deleted"
finish
