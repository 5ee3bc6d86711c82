#!/bin/bash
# title: Another home in the home's place
# case: 37
# tries: to put a link to /etc, or nothing, where its home stands
# holds: refused: the folder above is root's
# needs: perl
# refuses: rename beside exchange? replace
# shellcheck disable=SC2016

homes=$(dirname "$HOME")
must_fail rename perl -e 'exit !rename $ARGV[0], "$ARGV[0]-moved"' "$HOME"
must_fail beside perl -e 'exit !symlink "/etc", "$ARGV[0]/$ARGV[1]"' "$homes" "$MARK"
ln -s /etc "$HOME/etc"
must_fail replace perl -e 'exit !rename "$ARGV[0]/etc", $ARGV[0]' "$HOME"
case "$(uname -s)" in
Linux) must_fail exchange perl -e 'my ($call, $home) = @ARGV; my $etc = "$home/etc"; exit(syscall($call + 0, -100, $etc, -100, $home, 2) == -1)' "$(system_call renameat2)" "$HOME" ;;
esac
finish
