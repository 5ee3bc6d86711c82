#!/bin/bash
# title: Somebody else's file in the job's folder
# case: 27
# tries: to have the file of another running job destroyed, which lies in a folder of this job that everybody may use
# holds: its removal is reported
# beside: lodger
# leaves: files
# reports: house/lodger, which is user

mkdir "/tmp/$MARK-house"
chmod 0777 "/tmp/$MARK-house"
for _ in $(seq 100); do
	if [ -e "/tmp/$MARK-house/lodger" ]; then finish; fi
	sleep 0.1
done
echo "nobody moved in"
exit 1
