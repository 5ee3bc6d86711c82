#!/bin/bash
# Works on in the arena of the attack from inside, wherever root moves it: swaps a folder with a link, moves folders away and back, and
# fills what is being emptied.
# shellcheck disable=SC2016

call=$(system_call renameat2)$(system_call renameatx_np)
here=$([ "$(uname -s)" = Darwin ] && echo -2 || echo -100)
mkdir "$HOME/hideout"
echo ready
until [ -d "/tmp/$MARK-arena" ] || [ -e "$END" ]; do sleep 0.02; done
cd "/tmp/$MARK-arena" || finish
perl -e 'my ($call, $here) = @ARGV; my ($one, $two) = ("a", "b"); syscall $call + 0, $here + 0, $one, $here + 0, $two, 2 while 1' "${call:-0}" "$here" &
perl -e 'my $away = "$ENV{HOME}/hideout"; while (1) { rename "c", "d/c"; rename "d/c", "c"; rename "c/$_", "d/moved$_" for 1 .. 30; rename "d/moved$_", "c/$_" for 1 .. 30; rename "d", "c/d"; rename "c/d", "d" }' &
perl -e 'my $number = 0; while (1) { $number++; mkdir "c/mine$number"; open my $file, ">", "d/mine$number"; select undef, undef, undef, 0.001 }' &
echo x >at-work
until [ -e "$END" ]; do sleep 0.05; done
jobs -p | xargs kill -KILL
finish
