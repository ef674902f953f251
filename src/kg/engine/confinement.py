"""What a worker process gives up before it reads a query: network, other programs, memory beyond its limit.

The network goes by a filter of system calls (seccomp), which needs no privilege and cannot be taken back. Where
the kernel or the machine has none, what queries say is still refused by its words (`kg.engine.text`).
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys

# seccomp(2), prctl(2); <linux/bpf_common.h>, <linux/audit.h>, <linux/seccomp.h>.
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES
_X32 = 0x40000000
#: Bytes that an open database counts for, most of them the stacks of its threads, which are hardly touched.
_DATABASE = 96 << 20

#: Machine → its audit number, and the numbers of the calls that are refused there: socket, connect, accept,
#: accept4, bind, listen, execve, execveat, fork, vfork, ptrace, process_vm_readv, process_vm_writev,
#: io_uring_setup.
_REFUSED = {
    "x86_64": (0xC000003E, (41, 42, 43, 288, 49, 50, 59, 322, 57, 58, 101, 310, 311, 425)),
    "aarch64": (0xC00000B7, (198, 203, 202, 242, 200, 201, 221, 281, 117, 270, 271, 425)),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def limit_memory(most: int) -> None:
    """Let this process have `most` bytes more of its own than it has now; 0: as many as it likes.

    Counted is private memory that can be written (RLIMIT_DATA), not the files of the store that are mapped.
    """
    if most <= 0 or not sys.platform.startswith("linux"):
        return
    with open("/proc/self/statm", encoding="ascii") as statm:
        pages = int(statm.read().split()[5])
    limit = pages * resource.getpagesize() + _DATABASE + most
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def leave_no_core() -> None:
    """Write no memory to disk when the process is ended by a signal."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def give_up_network() -> bool:
    """Refuse this process, for good, sockets and other programs; False where that cannot be had."""
    machine = os.uname().machine
    if not sys.platform.startswith("linux") or machine not in _REFUSED:
        return False
    audit, calls = _REFUSED[machine]
    last = len(calls) + 1  # jumps are counted from the instruction that follows
    code = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 0, last + 2, audit),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, last, 0, _X32),
        *((_EQUAL, len(calls) - i, 0, call) for i, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    packed = b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
    program = _Program(len(code), packed)
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    if prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)
