#!/bin/bash
# title: Something for launchd to keep alive
# case: 19 69
# tries: to be started again by launchd whenever it is killed, and to leave variables in its domain
# holds: its domain is ended; nothing comes back
# platforms: macos
# needs: launchctl
# leaves: processes

mkdir -p "$HOME/Library/LaunchAgents"
cat >"$HOME/Library/LaunchAgents/$MARK.plist" <<END
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Label</key><string>$MARK</string>
<key>ProgramArguments</key><array><string>/bin/sleep</string><string>600</string></array>
<key>KeepAlive</key><true/>
<key>RunAtLoad</key><true/>
</dict></plist>
END
launchctl bootstrap "user/$(id -u)" "$HOME/Library/LaunchAgents/$MARK.plist" || skip "launchctl does not take it"
launchctl setenv "$RUN" planted
sleep 1
finish
