#!/bin/bash
# An account with secrets, that wants to be left alone.

umask 022
echo "$BESIDE_SECRET" >"$HOME/secret"
mkdir "$HOME/open" && chmod 0777 "$HOME/open" && echo "$BESIDE_SECRET" >"$HOME/open/secret"
mkfifo "$HOME/fifo"
perl -MIO::Socket::UNIX -e '
	my $socket = IO::Socket::UNIX->new(Local => "$ENV{HOME}/socket", Listen => 5);
	chmod 0777, "$ENV{HOME}/socket";
	while (my $client = $socket->accept) { print { $client } $ENV{BESIDE_SECRET} }' &
listener=$!
for _ in $(seq 100); do [ -e "$HOME/socket" ] || sleep 0.05; done
echo ready
until [ -e "$END" ]; do sleep 0.05; done
kill -0 "$listener" || breach "a process of the account beside was hit"
kill -KILL "$listener"
if [ -e "$HOME/planted" ] || [ -e "$HOME/open/planted" ]; then breach "something was planted in the home beside"; fi
if [ "$(cat "$HOME/secret")" != "$BESIDE_SECRET" ]; then breach "a file in the home beside was changed"; fi
finish
