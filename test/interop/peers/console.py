"""What the clients in this folder share: lines of JSON in and out, and nothing of ZeroMQ."""

import json
import sys

ENDPOINTS = sys.argv[1:]


def lines():
    """Yields what each line of the standard input says, as JSON, until that is closed."""
    say(endpoints=ENDPOINTS)
    return map(json.loads, sys.stdin)


def say(**line):
    print(json.dumps(line), flush=True)


def body(request):
    """A string is sent as it is, anything else as JSON."""
    return (request if isinstance(request, str) else json.dumps(request)).encode()


def text(frame):
    return frame.decode(errors="backslashreplace")
