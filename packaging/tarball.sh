#!/bin/bash
# Packs a package so that the same files always give the same archive: sorted, root's, dated by the commit.
# usage: tarball.sh PACKAGE OUT.tar.gz     (SOURCE_DATE_EPOCH: the date of all files)
set -euo pipefail

package=$1
out=$2
name=$(basename "$out" .tar.gz)
date=${SOURCE_DATE_EPOCH:-$(git -C "$(dirname "$0")" log -1 --format=%ct 2>/dev/null || echo 0)}
# Written beside it and renamed: an interrupted run leaves no half archive.
python3 - "$package" "$name" "$date" "$out.part" <<'PYTHON'
import gzip, os, sys, tarfile

package, name, date, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]


def as_roots(entry):
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = date
    # What the builder's umask left of the group's rights must not count.
    entry.mode = 0o777 if entry.issym() else 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


paths = sorted(os.path.join(folder, entry) for folder, folders, files in os.walk(package) for entry in folders + files)
with open(out, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, date) as compressed, tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
    for path in [package] + paths:
        archive.add(path, os.path.join(name, os.path.relpath(path, package)) if path != package else name, recursive=False, filter=as_roots)
PYTHON
mv -f "$out.part" "$out"
(cd "$(dirname "$out")" && if command -v sha256sum >/dev/null; then sha256sum "$(basename "$out")"; else shasum -a 256 "$(basename "$out")"; fi) >"$out.sha256"
echo "$out"
