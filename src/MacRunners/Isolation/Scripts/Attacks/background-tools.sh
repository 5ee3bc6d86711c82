#!/bin/bash
# title: Tools that stay in the background
# case: 24
# tries: nothing evil: terminal multiplexers, key agents and the like simply stay
# holds: gone
# needs: perl

left=
have() { command -v "$1" >/dev/null 2>&1; }
have tmux && tmux -S "$TMPDIR/tmux" new-session -d 'sleep 600' && left=1
have screen && SCREENDIR="$TMPDIR" screen -dmS "$MARK" sleep 600 && left=1
have ssh-agent && ssh-agent -s >/dev/null && left=1
have gpg-agent && gpg-agent --daemon >/dev/null 2>&1 && left=1
have caffeinate && leave caffeinate -t 600 && left=1
[ -n "$left" ] || skip "none of tmux, screen, ssh-agent, gpg-agent and caffeinate is here"
finish
