"""Runs a program in a pseudo-terminal, for tests: pseudo_terminal.py COLUMNS ROWS COMMAND [ARGUMENT...]

Prints JSON, one object a line: {"output": text} for what the program writes to the terminal, and at its end {"exit": code,
"signal": number, "restored": whether the terminal has the modes that it had before}. Takes JSON lines: {"keys": text},
{"resize": [columns, rows]}, {"signal": name}, and {"hangUp": true}, which takes the terminal away.
"""

import codecs
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios


def say(**line):
    print(json.dumps(line), flush=True)


def resize(terminal, columns, rows):
    # The kernel tells the program by SIGWINCH.
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def control_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


columns, rows, *command = sys.argv[1:]
master, slave = pty.openpty()
resize(slave, int(columns), int(rows))
before = termios.tcgetattr(slave)
program = subprocess.Popen(
    command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=control_terminal
)
say(pid=program.pid)
decoder = codecs.getincrementaldecoder("utf-8")("replace")
commands = b""
has_hung_up = False


def forward_output(timeout):
    """Passes on what there is within that time. Returns whether there was something."""
    if has_hung_up or not select.select([master], [], [], timeout)[0]:
        return False
    say(output=decoder.decode(os.read(master, 65536)))
    return True


while program.poll() is None:
    watched = [sys.stdin] if has_hung_up else [master, sys.stdin]
    ready = select.select(watched, [], [], 0.02)[0]
    if master in ready:
        forward_output(0)
    if sys.stdin not in ready:
        continue
    received = os.read(0, 65536)
    if not received:
        # The test has ended, or died.
        program.kill()
        break
    *lines, commands = (commands + received).split(b"\n")
    for line in map(json.loads, lines):
        if "keys" in line:
            os.write(master, line["keys"].encode())
        if "resize" in line:
            resize(master, *line["resize"])
        if "signal" in line:
            program.send_signal(signal.Signals[line["signal"]])
        if "hangUp" in line:
            os.close(slave)
            os.close(master)
            has_hung_up = True

status = program.wait()
while forward_output(0):
    pass
restored = has_hung_up or termios.tcgetattr(slave) == before
say(exit=status if status >= 0 else None, signal=-status if status < 0 else None, restored=restored)
