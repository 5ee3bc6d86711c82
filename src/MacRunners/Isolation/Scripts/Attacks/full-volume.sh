#!/bin/bash
# title: A small volume, full of bytes and of files
# case: 45
# tries: to leave a volume on which nothing can be made any more, not even what removal may need
# holds: unmounted and removed
# needs: perl
# set-up: small-volume
# refuses: more-bytes more-files
# leaves: mounts
# shellcheck disable=SC2016

cd "$HOME/workspace/volume" || exit 1
perl -e 'open my $file, ">", "filler"; while (syswrite $file, "x" x 65536) { } exit 0'
must_fail more-bytes perl -e 'open my $file, ">", "more" or exit 1; exit !syswrite $file, "x" x 65536'
perl -e 'for (1 .. 100000) { open my $file, ">", "file$_" or last }'
must_fail more-files perl -e 'exit !open my $file, ">", "one-more"'
finish
