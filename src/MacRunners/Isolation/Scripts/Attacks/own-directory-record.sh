#!/bin/bash
# title: Its own directory record
# case: 56
# tries: to change home, number and shell of its own record, to join administrators and to remove itself
# holds: teardown follows what was recorded when the account was made
# platforms: macos
# refuses: number administrators

dscl=$SYSTEM_ROOT/usr/bin/dscl
[ -x "$dscl" ] || skip "there is no dscl"
"$dscl" . -create "/Users/$USER" NFSHomeDirectory / </dev/null >/dev/null 2>&1 && echo "accepted: home"
"$dscl" . -create "/Users/$USER" UserShell /bin/sh </dev/null >/dev/null 2>&1 && echo "accepted: shell"
"$dscl" . -create "/Users/$USER" RealName "$MARK" </dev/null >/dev/null 2>&1 && echo "accepted: name"
must_fail number "$dscl" . -create "/Users/$USER" UniqueID 0
must_fail administrators "$dscl" . -append /Groups/admin GroupMembership "$USER"
must_fail administrators "$dscl" . -create "/Users/$MARK"
must_fail remove "$dscl" . -delete "/Users/$USER"
finish
