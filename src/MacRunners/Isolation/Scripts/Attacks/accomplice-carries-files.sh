#!/bin/bash
# title: An accomplice carries files about
# case: 26 38
# tries: to have its files missed because another running job moves them all the time, from folder to folder, while root looks for them
# holds: gone, and the machine is not made dirty
# needs: perl
# beside: carrier
# leaves: files

for number in $(seq 20); do echo x >"/tmp/$MARK-carousel/one/file$number"; done
for _ in $(seq 100); do
	if [ -e "/tmp/$MARK-carousel/turns" ]; then finish; fi
	sleep 0.05
done
exit 1
