#!/bin/bash
# title: Ports and sockets held for the next job
# case: 9
# tries: to keep a TCP port, a UDP port, a socket in a shared folder and one without a file, and to answer there in the name of the next job
# holds: killed; the port is free
# needs: perl
# leaves: processes files
# shellcheck disable=SC2016

leave perl -MIO::Socket::INET -MIO::Socket::UNIX -MSocket -e '
	my ($port, $mark) = @ARGV;
	my @held = (
		IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port, Listen => 50),
		IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port, Proto => "udp"),
		IO::Socket::UNIX->new(Local => "/tmp/$mark.sock", Listen => 5),
		IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "/tmp/$mark.dgram"));
	socket my $abstract, PF_UNIX, SOCK_STREAM, 0;
	bind $abstract, pack_sockaddr_un("\0$mark") and listen $abstract, 5;
	sleep 600;' "$PORT" "$MARK"
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "/tmp/$MARK.dgram" ] || sleep 0.1; done
finish
