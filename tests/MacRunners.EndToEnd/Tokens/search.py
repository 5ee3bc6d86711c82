#!/usr/bin/env python3
"""What a job can find of tokens: everywhere it can look, it looks for anything in the shape of a cluster or acquisition token.

usage: search.py CONTROL SINCE FOLDER ...

CONTROL  JSON file with invented tokens: some lie about already, put there by root; the others this script puts where only a job
         can. All must be found, else the search proves nothing.
SINCE    Seconds since 1970: files that have not changed since then are older than every token, and are not read.
FOLDER   Searched to the end, however long it takes. The rest of the machine is searched for some seconds.

Prints `found KIND SHA-256 PLACE`, never a token, since this output is kept; `counted KIND NUMBER` for what was looked at; `dumped 0|1`,
whether this job's processes can dump core; `limit core HARD` of every process of this user; `done`.
"""
import concurrent.futures
import ctypes
import hashlib
import json
import os
import re
import socket
import stat
import subprocess
import sys
import tempfile
import time

TOKEN = rb"bkct_[0-9a-f]{40}|bkjat_[0-9a-f]{48}"
# The same as two-byte characters, as they lie in the memory of some languages.
WIDE = rb"(?:b\0k\0(?:c\0t|j\0a\0t)\0_\0)(?:[0-9a-f]\0){40,48}"
PATTERN = re.compile(TOKEN + b"|" + WIDE)

FILE_LIMIT = 64 << 20
PROCESS_LIMIT = 512 << 20
CHUNK = 4 << 20
OVERLAP = 256
REST_SECONDS = 2
ANSWER_SECONDS = 2
ME = os.getpid()
LIBC = ctypes.CDLL(None, use_errno=True)

found = set()
counted = {}


def look(kind, place, content):
    counted[kind] = counted.get(kind, 0) + 1
    for match in PATTERN.finditer(content):
        token = match.group().replace(b"\0", b"")
        found.add((kind, hashlib.sha256(token).hexdigest(), place))


def read_all(opened, limit, kind, place):
    """Piece by piece, so that a token across two pieces is seen."""
    tail, done = b"", 0
    while done < limit:
        piece = os.read(opened, CHUNK)
        if not piece:
            break
        look(kind, place, tail + piece)
        tail, done = piece[-OVERLAP:], done + len(piece)


def file(path, kind="file"):
    """Regular files only: nothing else is opened, as it could wait or act."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if stat.S_ISREG(os.fstat(opened).st_mode):
            read_all(opened, FILE_LIMIT, kind, path)
    except OSError:
        pass
    finally:
        os.close(opened)


def tree(top, since, deadline, leave_out=()):
    folders = [top]
    while folders and time.monotonic() < deadline:
        try:
            entries = list(os.scandir(folders.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISDIR(status.st_mode):
                if entry.path not in leave_out:
                    folders.append(entry.path)
            elif stat.S_ISREG(status.st_mode) and status.st_ctime >= since:
                file(entry.path, "core" if entry.name.startswith("core") else "file")


def numbers():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def arguments_and_environment(pid):
    for kind, name in (("argument", "cmdline"), ("environment", "environ")):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as opened:
                content = opened.read()
        except OSError:
            continue
        look(kind, f"/proc/{pid}/{name}", content)
        # A name that is told can be opened even in a folder that cannot be listed.
        for value in content.split(b"\0"):
            path = value.rpartition(b"=")[2].decode(errors="replace")
            if path.startswith("/") and os.path.isfile(path):
                file(path, "named")


def descriptors(pid):
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for name in names:
        place = f"/proc/{pid}/fd/{name}"
        try:
            target = os.readlink(place)
            look("descriptor", place, target.encode(errors="replace"))
            opened = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            kind = os.fstat(opened).st_mode
            if stat.S_ISREG(kind):
                read_all(opened, FILE_LIMIT, "descriptor", f"{place} ({target})")
            elif stat.S_ISFIFO(kind):
                pipe(opened, f"{place} ({target})")
        except OSError:
            pass
        finally:
            os.close(opened)


def pipe(opened, place):
    """A look into a pipe that takes nothing out of it: tee, without blocking."""
    source, sink = os.pipe()
    try:
        count = LIBC.tee(opened, sink, ctypes.c_size_t(1 << 16), 2)
        if count > 0:
            look("pipe", place, os.read(source, count))
    finally:
        os.close(source)
        os.close(sink)


def memory(pid):
    if pid == ME:
        return
    try:
        with open(f"/proc/{pid}/maps") as opened:
            areas = [line.split() for line in opened]
        content = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    left = PROCESS_LIMIT
    for area in areas:
        if not area[1].startswith("rw"):
            continue
        start, end = (int(part, 16) for part in area[0].split("-"))
        while start < end and left > 0:
            size = min(CHUNK, end - start)
            try:
                look("memory", f"/proc/{pid}/mem", os.pread(content, size, start))
            except (OSError, OverflowError):
                break
            left -= size
            start += size if size < CHUNK else size - OVERLAP
    os.close(content)


def limits(pid):
    try:
        if os.stat(f"/proc/{pid}").st_uid == os.getuid():
            with open(f"/proc/{pid}/limits") as opened:
                print("limit core", next(line for line in opened if line.startswith("Max core file size")).split()[5])
    except (OSError, StopIteration):
        # Gone, or made unreadable.
        pass


def ask(kind, place, connect, questions):
    for question in questions:
        answer = b""
        try:
            with connect() as to:
                to.settimeout(ANSWER_SECONDS)
                to.sendall(b"GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" % question)
                while len(answer) < 1 << 20 and (piece := to.recv(1 << 16)):
                    answer += piece
        except OSError:
            # Refused, or silent from here on.
            pass
        look(kind, f"{place} {question.decode()}", answer)


def unix_sockets():
    with open("/proc/net/unix") as opened:
        for line in opened:
            fields = line.split(None, 7)
            if len(fields) == 8 and fields[3] == "00010000":
                path = fields[7].rstrip("\n")
                yield "unix", path, lambda path=path: unix(path.replace("@", "\0", 1) if path.startswith("@") else path), [b"/"]


def unix(path):
    to = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        to.settimeout(ANSWER_SECONDS)
        to.connect(path)
        return to
    except OSError:
        to.close()
        raise


def tcp_sockets():
    for table, address in (("/proc/net/tcp", "127.0.0.1"), ("/proc/net/tcp6", "::1")):
        with open(table) as opened:
            listening = {int(line.split()[1].rpartition(":")[2], 16) for line in list(opened)[1:] if line.split()[3] == "0A"}
        for port in sorted(listening):
            yield (
                "tcp",
                f"{address} port {port}",
                lambda port=port, address=address: socket.create_connection((address, port), ANSWER_SECONDS),
                [b"/", b"/health", b"/health/ready", b"/metrics"],
            )


def kernel_log():
    try:
        opened = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        while True:
            look("kernel", "/dev/kmsg", os.read(opened, 1 << 13))
    except OSError:
        pass
    for command in (["dmesg"], ["journalctl", "--no-pager", "-n", "2000"]):
        try:
            look("kernel", command[0], subprocess.run(command, capture_output=True, timeout=10, check=False).stdout)
        except (OSError, subprocess.TimeoutExpired):
            pass


def dumps():
    """Whether a process of this job leaves its memory in a file when it crashes."""
    crashing = subprocess.Popen(["/bin/sh", "-c", "kill -SEGV $$"])
    return os.WCOREDUMP(os.waitpid(crashing.pid, 0)[1])


# --- what only a job's own user can put in place ---------------------------------------------------------------------------------

# Takes its token from its input, so that it is nowhere but in its memory.
HOLDER = "import sys, time\ntoken = sys.stdin.readline()\nprint('holds', flush=True)\ntime.sleep(600)\n"


def plant(control):
    """Returns what must be kept alive."""
    kept = [tempfile.TemporaryFile()]
    kept[0].write(control["descriptor"].encode())
    kept[0].flush()
    source, sink = os.pipe()
    os.write(sink, control["pipe"].encode())
    kept += [os.fdopen(source), os.fdopen(sink, "w")]
    kept.append(subprocess.Popen(["/bin/sleep", "600"], env={"CONTROL": control["environment"]}))
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdin.write(control["memory"] + "\n")
    holder.stdin.flush()
    holder.stdout.readline()
    kept.append(holder)
    return kept


def main():
    control_file, since, *folders = sys.argv[1:]
    with open(control_file) as opened:
        control = json.load(opened)
    print("dumped", int(dumps()))
    kept = plant(control)

    for pid in numbers():
        limits(pid)
        arguments_and_environment(pid)
        descriptors(pid)
        memory(pid)
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda target: ask(*target), [*unix_sockets(), *tcp_sockets()]))
    kernel_log()
    places = {os.path.realpath(folder) for folder in [*folders, os.getcwd()]}
    for place in places:
        tree(place, float(since), float("inf"))
    tree("/", float(since), time.monotonic() + REST_SECONDS, {"/proc", "/sys", *places})

    for one in kept:
        if isinstance(one, subprocess.Popen):
            one.kill()
    for kind, digest, place in sorted(found):
        print("found", kind, digest, place)
    for kind, number in sorted(counted.items()):
        print("counted", kind, number)
    print("done", flush=True)


main()
