#!/bin/bash
# title: Folder and link change places without end
# case: 38
# tries: to lead root through a link by swapping it with a folder at the right moment
# holds: killed before the removal begins; no file outside is touched
# needs: perl
# leaves: processes files
# shellcheck disable=SC2016

call=$(system_call renameat2)$(system_call renameatx_np)
[ -n "$call" ] || skip "the number of the system call is not known here"
for arena in "$HOME/arena" "/tmp/$MARK-arena"; do
	mkdir "$arena" "$arena/a"
	for name in $(seq 50); do mkdir "$arena/a/$name" && echo x >"$arena/a/$name/file"; done
	ln -s "$CANARIES" "$arena/b"
	leave perl -e '
		my ($call, $here, $arena) = @ARGV;
		my ($one, $two) = ("a", "b");
		chdir $arena;
		syscall $call + 0, $here + 0, $one, $here + 0, $two, 2 while 1' "$call" "$([ "$(uname -s)" = Darwin ] && echo -2 || echo -100)" "$arena"
done
sleep 0.1
finish
