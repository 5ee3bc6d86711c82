#!/bin/bash
# Moves a file into the folder of the attack.

echo ready
until [ -e "$END" ] || (echo mine >"/tmp/$MARK-house/lodger") 2>/dev/null; do sleep 0.02; done
until [ -e "$END" ]; do sleep 0.02; done
finish
