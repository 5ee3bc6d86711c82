#!/bin/bash
# title: Access lists that deny removal
# case: 31 52
# tries: to leave folders whose access lists deny everybody to delete them
# holds: removed
# platforms: macos
# leaves: files

mkdir -p "$HOME/denied/inner" "/tmp/$MARK-denied"
chmod +a "everyone deny delete,delete_child,writeattr,writeextattr,chown,writesecurity" "$HOME/denied" 2>/dev/null || skip "chmod knows no access lists here"
chmod +a "everyone deny delete,delete_child,writeattr" "$HOME/denied/inner"
chmod +a "everyone deny delete,delete_child,writeattr" "/tmp/$MARK-denied"
chmod +a "everyone deny delete,delete_child" "$HOME"
finish
