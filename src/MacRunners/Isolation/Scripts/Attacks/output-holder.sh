#!/bin/bash
# title: The output stays open
# case: 8
# tries: to keep the job from ever ending by holding its output
# holds: the job ends; the holder is killed
# leaves: processes

echo "holding"
(trap '' HUP && sleep 600) &
finish
