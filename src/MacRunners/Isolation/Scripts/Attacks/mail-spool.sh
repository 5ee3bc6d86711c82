#!/bin/bash
# title: Spools
# case: 26
# tries: to leave files in mailboxes and spools
# holds: refused, or removed

for folder in /var/mail /var/spool/mail /private/var/mail /var/spool/cron /var/spool/cron/crontabs \
	/var/spool/cron/atjobs /var/spool/at /var/spool/cups/tmp /private/var/spool/cups/tmp; do
	if [ -d "$folder" ]; then (echo x >"$folder/$USER") 2>/dev/null && echo "planted in $folder"; fi
done
finish
