"""Starts the daemon again whenever it ends without success, as launchd and systemd do.

usage: service-manager.py held|free PORT PROGRAM ARGUMENT...
With "held" it holds the listening sockets of the port, in both families, and hands them over by systemd's protocol.
"""

import fcntl
import os
import signal
import socket
import sys
import time

mode, port, program = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
held = []
if mode == "held":
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        listening = socket.socket(family, socket.SOCK_STREAM)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((address, port))
        listening.listen(1024)
        # Out of the way of the numbers that the protocol prescribes.
        held.append(fcntl.fcntl(listening.detach(), fcntl.F_DUPFD_CLOEXEC, 100))

child = 0
stopping = False


def stop(number, _):
    global stopping
    stopping = True
    os.kill(child, number)


signal.signal(signal.SIGTERM, stop)
while True:
    child = os.fork()
    if child == 0:
        for index, descriptor in enumerate(held):
            os.dup2(descriptor, 3 + index)
        environment = dict(os.environ)
        if held:
            names = ":".join(["http"] * len(held))
            environment.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(held)), LISTEN_FDNAMES=names)
        os.execve(program[0], program, environment)
    _, status = os.waitpid(child, 0)
    if stopping or status == 0:
        sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
    time.sleep(0.1)
