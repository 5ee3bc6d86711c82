#!/bin/bash
# title: What blocks or bites when it is opened
# case: 43 44
# tries: to block root, or to have it read something else, with FIFOs, sockets and links where files are expected
# holds: nothing of it is opened
# needs: perl
# leaves: files
# shellcheck disable=SC2016

perl -MPOSIX=mkfifo -MIO::Socket::UNIX -e '
	my ($home, $mark, @places) = @ARGV;
	for my $folder ("$home/workspace/traps", "$home/tmp/traps", map "$_/$mark-traps", @places) {
		mkdir $folder or next;
		chdir $folder;
		for my $number (1 .. 50) {
			mkfifo("fifo$number", 0666);
			IO::Socket::UNIX->new(Local => "s$number", Listen => 1);
			symlink "/dev/zero", "zero$number";
			symlink "/dev/stdin", "stdin$number";
		}
	}
	chdir $home;
	for my $name (qw(.profile .bashrc .bash_logout .gitconfig)) { unlink $name; mkfifo($name, 0600) }' "$HOME" "$MARK" "${PLACES[@]}"
finish
