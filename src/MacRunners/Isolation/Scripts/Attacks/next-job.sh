#!/bin/bash
# title: An ordinary job after all of them
# case: 9 52 64
# tries: nothing: looks for traces of the jobs before it, in its home, the shared folders, the kernel, the schedules and the configuration of tools
# holds: there are none
# order: last
# refuses: home places schedules kernel configuration

for name in .profile .bashrc .bash_profile .zshrc .gitconfig .ssh .config .netrc many deep odd arena; do
	if [ -e "$HOME/$name" ] || [ -L "$HOME/$name" ]; then breach "$HOME/$name is there"; fi
done
[ -z "$(ls -A "$HOME/caches")" ] || breach "its caches are not empty"
refused home
for place in "${PLACES[@]}" /var/spool /var/mail; do
	if [ ! -d "$place" ]; then continue; fi
	while IFS= read -r left; do breach "$left is there"; done < <(find "$place/" -maxdepth 3 -name "*$RUN*" ! -user "$(id -u)" 2>/dev/null)
done
refused places
if command -v crontab >/dev/null 2>&1 && crontab -l 2>/dev/null | grep -q .; then breach "it has a crontab"; fi
if command -v atq >/dev/null 2>&1 && atq 2>/dev/null | grep -q .; then breach "it has jobs for later"; fi
refused schedules
for queue in /dev/mqueue/*"$RUN"*; do
	if [ -e "$queue" ]; then breach "the message queue $queue is there"; fi
done
if grep -q "$RUN" /proc/keys 2>/dev/null; then breach "a key is there"; fi
refused kernel
if [ -n "$(git config --global --list 2>/dev/null)" ]; then breach "git has a configuration of its user: $(git config --global --list)"; fi
if git config --system --list 2>/dev/null | grep -q "$RUN"; then breach "git has a configuration of an earlier job"; fi
if env | grep -v '^\(MARK\|RUN\|SECRET\|CANARIES\|PATH\|PWD\|GATE\|END\|DAEMON_.*\|BUILDKITE.*\)=' | grep -q "$RUN"; then breach "a variable of an earlier job is there"; fi
refused configuration
finish
