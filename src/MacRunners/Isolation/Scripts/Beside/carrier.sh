#!/bin/bash
# Moves the files of the attack from one folder to the other and back.
# shellcheck disable=SC2016

mkdir -p "/tmp/$MARK-carousel/one" "/tmp/$MARK-carousel/two"
chmod 0777 "/tmp/$MARK-carousel" "/tmp/$MARK-carousel/one" "/tmp/$MARK-carousel/two"
echo ready
until [ -e "/tmp/$MARK-carousel/one/file20" ] || [ -e "$END" ]; do sleep 0.02; done
cd "/tmp/$MARK-carousel" || exit 1
perl -e 'while (1) { rename "one/file$_", "two/file$_" for 1 .. 20; rename "two/file$_", "one/file$_" for 1 .. 20 }' &
echo x >turns
until [ -e "$END" ]; do sleep 0.02; done
kill -KILL $!
finish
