#!/bin/bash
# title: An accomplice swaps while root removes
# case: 38 39
# tries: to lead root through a link, or out of the tree, with the help of another running job: that one keeps working in a folder which this one has opened to everybody
# holds: no file outside is touched; nothing is left
# needs: perl
# beside: swapper
# leaves: files

arena="/tmp/$MARK-arena"
mkdir "$arena.new"
for name in a c d; do
	mkdir "$arena.new/$name"
	for inner in $(seq 30); do mkdir "$arena.new/$name/$inner" && echo x >"$arena.new/$name/$inner/file"; done
done
ln -s "$CANARIES" "$arena.new/b"
chmod -R 0777 "$arena.new/a" "$arena.new/c" "$arena.new/d"
chmod 0777 "$arena.new"
mv "$arena.new" "$arena"
for _ in $(seq 100); do
	if [ -e "$arena/at-work" ]; then finish; fi
	sleep 0.1
done
echo "the accomplice did not come"
exit 1
