#!/bin/bash
# title: The output stays open
# case: 8
# tries: to keep the job from ever ending by holding its output
# holds: the job ends; the holder is killed
# needs: perl
# leaves: processes

echo "holding"
perl -MPOSIX=setsid -e 'exit if fork; setsid(); sleep 600'
finish
