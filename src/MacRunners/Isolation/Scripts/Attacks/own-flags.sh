#!/bin/bash
# title: Immutable and append-only, by the job
# case: 29
# tries: to leave files, folders and a home that cannot be removed as they are
# holds: the flags are cleared, everything is removed
# platforms: macos
# needs: chflags
# leaves: files

mkdir -p "$HOME/fixed/inner" "/tmp/$MARK-fixed"
for file in "$HOME/fixed/file" "$HOME/fixed/inner/file" "/tmp/$MARK-fixed/file" "/tmp/$MARK-file"; do echo x >"$file"; done
chflags uchg "$HOME/fixed/file" "$HOME/fixed/inner/file" "/tmp/$MARK-fixed/file" "/tmp/$MARK-file" || skip "this file system knows no such flags"
chflags uappnd "$HOME/fixed/inner"
chflags uchg "$HOME/fixed" "/tmp/$MARK-fixed" "$HOME/workspace"
chflags uchg "$HOME"
finish
