#!/bin/bash
# title: Variables of root
# case: 70
# tries: to find what the daemon, or whoever started it, has in the environment
# holds: nothing of it
# refuses: variables

while IFS= read -r name; do
	case "$name" in
	MACRUNNERS_* | DOTNET_* | ASPNETCORE_* | SUDO_* | SSH_* | XPC_* | INVOCATION_ID | JOURNAL_STREAM | LISTEN_* | NOTIFY_SOCKET | MAIL | LS_COLORS | OLDPWD)
		breach "the variable $name"
		;;
	esac
done < <(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p')
[ "$HOME" = "$(cd && pwd -P)" ] || [ -d "$HOME" ] || breach "HOME is $HOME"
case "$TMPDIR" in "$HOME"/*) ;; *) breach "TMPDIR is $TMPDIR" ;; esac
[ "$USER" = "$LOGNAME" ] || breach "USER is $USER and LOGNAME $LOGNAME"
refused variables
finish
