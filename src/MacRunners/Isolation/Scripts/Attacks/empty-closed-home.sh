#!/bin/bash
# title: A home that is empty and closed
# case: 32 37
# tries: to have whoever relies on the home's content or mode fail, its own agent among them
# holds: removed
# ends: cut off

rm -rf "${HOME:?}"/* "$HOME"/.[a-z]* 2>/dev/null
rmdir "$HOME" 2>/dev/null && breach "the home could be removed"
chmod 000 "$HOME"
finish
