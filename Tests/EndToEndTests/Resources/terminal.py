"""`gyre top` in a terminal: terminal.py PROGRAM PORT [SIGNAL]"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

program, port = sys.argv[1], sys.argv[2]
ending = getattr(signal, sys.argv[3]) if len(sys.argv) > 3 else None
process, terminal = pty.fork()
if process == 0:
    os.execv(program, [program, "top", "--port", port, "--interval", "0.2"])

before = termios.tcgetattr(terminal)
shown = b""


def size(columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read_until(condition, seconds=20):
    global shown
    deadline = time.monotonic() + seconds
    while not condition():
        left = deadline - time.monotonic()
        assert left > 0, shown
        if select.select([terminal], [], [], left)[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError:
                part = b""
            if not part:
                return
            shown += part


def frames():
    """What each redraw has put on the screen, in lines without control sequences."""
    parts = shown.split(b"\x1b[H")[1:]
    return [part.split(b"\x1b[J")[0].decode().replace("\x1b[K", "").split("\r\n") for part in parts]


size(120, 20)
read_until(lambda: b"ops/s" in shown and len(frames()) > 3)
assert shown.startswith(b"\x1b[?1049h\x1b[?25l"), shown
assert any(line.startswith("gyre top  127.0.0.1") for line in frames()[-1])
assert not termios.tcgetattr(terminal)[3] & termios.ECHO, "keys are not shown"

# A smaller terminal gets as much of the table as fits, at once.
size(30, 3)
count = len(frames())
read_until(lambda: len(frames()) > count + 2)
assert len(frames()[-2]) <= 3 and max(map(len, frames()[-2])) <= 30, frames()[-2]

if ending is None:
    os.write(terminal, b"\x03")
else:
    os.kill(process, ending)
read_until(lambda: b"\x1b[?1049l" in shown)
assert b"\x1b[?25h\x1b[?1049l" in shown, shown
_, status = os.waitpid(process, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
