#!/bin/bash
# title: The daemon's port
# case: 9
# tries: to answer in the daemon's place on its port, and to occupy it with connections that ask nothing
# holds: the port is taken; the daemon answers on; the connections are gone
# needs: perl
# refuses: bind-any? bind-loopback? bind-shared?
# leaves: processes
# shellcheck disable=SC2016

listens() {
	perl -MSocket -e '
		my ($address, $port, $shared) = @ARGV;
		socket my $socket, PF_INET, SOCK_STREAM, 0;
		setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
		setsockopt $socket, SOL_SOCKET, eval { SO_REUSEPORT() } || 15, 1 if $shared;
		exit !(bind($socket, pack_sockaddr_in($port, inet_aton($address))) && listen($socket, 5));' "$@"
}

if [ -n "$DAEMON_PORT" ]; then
	must_fail bind-any listens 0.0.0.0 "$DAEMON_PORT"
	must_fail bind-loopback listens 127.0.0.1 "$DAEMON_PORT"
	must_fail bind-shared listens 127.0.0.1 "$DAEMON_PORT" shared
fi
leave perl -MIO::Socket::INET -e '
	my @held = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0], Timeout => 1) } 1 .. 200;
	print { $_ } "GET /health HTTP/1.1\r\n" for grep defined, @held;
	sleep 600;' "${DAEMON_PORT:-$PORT}"
sleep 0.3
finish
