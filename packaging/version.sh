#!/bin/sh
# The version of this source tree, as the programs say it.
sed -n 's|.*<VersionPrefix>\(.*\)</VersionPrefix>.*|\1|p' "$(dirname "$0")/../Directory.Build.props"
