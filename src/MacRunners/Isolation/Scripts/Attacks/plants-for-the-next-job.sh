#!/bin/bash
# title: Start-up files, configurations and hooks for the next job
# case: 64 65 66
# tries: to be run by the next job: start-up files of shells, settings and hooks of git, keys, plugins, caches of compilers
# holds: gone with the home
# leaves: files

umask 0
for file in .profile .bashrc .bash_profile .bash_login .bash_logout .zshrc .zshenv .zprofile .zlogin .inputrc .vimrc .netrc .npmrc .pypirc .curlrc .wgetrc .gemrc; do
	echo "touch /tmp/$RUN-ran; # $SECRET" >"$HOME/$file"
done
printf '[core]\n\thooksPath = /tmp/%s-hooks\n[alias]\n\tx = !touch /tmp/%s-ran\n[user]\n\tname = %s\n' "$MARK" "$RUN" "$RUN" >"$HOME/.gitconfig"
mkdir -p "$HOME/.config/git/hooks" "$HOME/.ssh" "$HOME/.gnupg" "$HOME/.config/systemd/user/default.target.wants" "$HOME/.config/autostart" "$HOME/Library/LaunchAgents" "$HOME/plugins/$RUN"
echo "ssh-ed25519 AAAA $RUN" >"$HOME/.ssh/authorized_keys"
printf '[Service]\nExecStart=/usr/bin/touch /tmp/%s-ran\n[Install]\nWantedBy=default.target\n' "$RUN" >"$HOME/.config/systemd/user/default.target.wants/$RUN.service"
mkdir "/tmp/$MARK-hooks" && printf '#!/bin/sh\ntouch /tmp/%s-ran\n' "$RUN" >"/tmp/$MARK-hooks/post-checkout" && chmod 755 "/tmp/$MARK-hooks/post-checkout"
for name in ccache .ccache pip npm-cache homebrew Homebrew go-build DerivedData yarn--$MARK node-compile-cache; do mkdir "/tmp/$name-$MARK" 2>/dev/null; done
finish
