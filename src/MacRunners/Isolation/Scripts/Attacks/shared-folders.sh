#!/bin/bash
# title: Files of every kind in the shared folders
# case: 26 32
# tries: to leave files, folders, links, FIFOs and sockets of all modes wherever everybody may write
# holds: gone; what others have there stays
# needs: perl
# leaves: files
# shellcheck disable=SC2016

umask 0
for place in "${PLACES[@]}"; do
	name=$place/$MARK
	mkdir "$name-closed" && echo x >"$name-closed/inside" && chmod 000 "$name-closed"
	mkdir -m 1777 "$name-open" && mkdir -m 700 "$name-open/inner" && echo x >"$name-open/inner/file"
	mkdir -m 2770 "$name-setgid"
	echo x >"$name-file"
	chmod 4755 "$name-file"
	echo x >"$name-unreadable"
	chmod 000 "$name-unreadable"
	ln -s /etc/passwd "$name-link"
	ln -s / "$name-root"
	ln -s "$name-loop" "$name-loop"
	mkfifo "$name-fifo"
	perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1)' "$name-socket"
	touch -t 200001010000 "$name-old"
	touch -t 203001010000 "$name-future"
done
finish
