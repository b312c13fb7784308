"""Runs a program that ends with the process that has started it.

    python3 with_parent.py worker.py tcp://127.0.0.1:5555 python-1
"""

import os
import runpy
import sys
import threading


def end_with_stdin():
    os.read(0, 1)  # returns when the other end of the pipe closes
    os._exit(1)


threading.Thread(target=end_with_stdin, daemon=True).start()
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
