#!/bin/sh
# Makes a job's account by hand. All options: macrunners account create --help
exec /opt/macrunners/bin/macrunners account create "$@"
