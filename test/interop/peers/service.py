"""What the servers in this folder serve: bodies in, bodies out, and nothing of ZeroMQ.

The patterns `sum` and `echo` are those of test/processes/math-server.ts.
"""

import json
import os
import sys
import threading
import time

ENDPOINT, SERVER_ID = sys.argv[1:3]


def echo(data):
    """Answers with what it got, and who it is, after a while."""
    time.sleep(data.get("ms", 0) / 1000)
    return {"value": data["value"], "serverId": SERVER_ID}


def fail(reason):
    raise ValueError(reason)


HANDLERS = {
    '"sum"': sum,
    '"echo"': echo,
    '"fail"': fail,
    '"same"': lambda data: data,
    '"nothing"': lambda data: None,
    '"text"': lambda data: data.encode(),
    '{"cmd": "object", "version": 2}': lambda data: data,
}


def answer(body):
    """Returns the body of the reply to a request with this body."""
    try:
        packet = json.loads(body)
    except ValueError:
        packet = None
    if not isinstance(packet, dict) or "pattern" not in packet:
        return f"{SERVER_ID} heard {body.decode(errors='replace')}".encode()
    try:
        pattern = json.dumps(packet["pattern"], sort_keys=True)
        if pattern not in HANDLERS:
            raise LookupError(f"{SERVER_ID} has no handler for {pattern}")
        result = HANDLERS[pattern](packet.get("data"))
    except Exception as error:
        result = {"status": "error", "message": str(error)}
    return result if isinstance(result, bytes) else json.dumps(result).encode()


def ready(server):
    """Tells the test where the server listens, and ends the process when the test ends."""

    def end_with_stdin():
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=end_with_stdin, daemon=True).start()
    print(json.dumps({"endpoints": [server.last_endpoint.decode()]}), flush=True)
