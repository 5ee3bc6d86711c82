#!/bin/bash
# title: A job for later
# case: 21
# tries: to be started again in a minute
# holds: refused, or removed; nothing runs later
# needs: at

echo "touch /tmp/$MARK-at" | at now + 1 minute && echo "accepted"
echo "touch /tmp/$MARK-at" | batch && echo "accepted"
finish
