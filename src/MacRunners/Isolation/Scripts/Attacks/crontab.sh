#!/bin/bash
# title: A crontab
# case: 21
# tries: to be started again every minute
# holds: refused, or removed; nothing runs later
# needs: crontab

printf '* * * * * touch /tmp/%s-cron\n' "$MARK" | crontab - && echo "accepted"
finish
