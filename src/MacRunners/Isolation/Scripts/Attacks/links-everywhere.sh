#!/bin/bash
# title: Links to everything that is not the job's
# case: 36
# tries: to have removal go through a link
# holds: the links are removed, and nothing behind them
# beside: neighbour
# leaves: files

for folder in "$HOME" "$HOME/workspace" "/tmp/$MARK-links"; do
	mkdir -p "$folder"
	cd "$folder" || continue
	ln -s / root
	ln -s /etc etc
	ln -s "$CANARIES" canaries
	ln -s "$CANARIES/tree" tree
	ln -s "$BESIDE_HOME" neighbour
	ln -s /nowhere dangling
	ln -s loop loop
	ln -s one two && ln -s two one
	ln -s .. parent
	ln -s . self
	ln -s "$(dirname "$HOME")" homes
done
finish
