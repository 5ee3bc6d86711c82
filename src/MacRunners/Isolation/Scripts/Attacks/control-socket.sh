#!/bin/bash
# title: The daemon's control socket
# case: 62
# tries: to drain or restart the machine
# holds: refused
# needs: perl
# refuses: connect replace
# shellcheck disable=SC2016

must_fail connect perl -MIO::Socket::UNIX -e 'my $socket = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 1; print { $socket } "POST /drain HTTP/1.1\r\nHost: macrunners\r\n\r\n"; exit !<$socket>' "$DAEMON_SOCKET"
must_fail replace perl -MIO::Socket::UNIX -e 'unlink $ARGV[0]; exit !IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1)' "$DAEMON_SOCKET"
finish
