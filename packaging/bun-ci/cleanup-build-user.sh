#!/bin/sh
# Removes a job's account by hand. All options: macrunners account remove --help
exec /opt/macrunners/bin/macrunners account remove "$@"
