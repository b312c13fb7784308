"""A Freelance client of the guide dialect (RFC 10/FLP): one ROUTER for all its servers.

    python3 guide_client.py tcp://127.0.0.1:5555 tcp://127.0.0.1:5556

Reads an array of requests per line, sends them all to the first server that answers, and prints
each reply when it comes. A request that is an array is a body of several frames.
"""

import itertools
import time

import zmq

from console import ENDPOINTS, body, lines, say, text

TIMEOUT_MS = 2500
# A ROUTER drops what it sends to a server while the handshake is not done.
PING_MS = 100

router = zmq.Context().socket(zmq.ROUTER)
for endpoint in ENDPOINTS:
    router.connect(endpoint)
numbers = (str(number).encode() for number in itertools.count(1))


def frames_of(request):
    return list(map(body, request)) if isinstance(request, list) else [body(request)]


def answers(endpoint, timeout):
    """Yields what comes from that server, until nothing comes in time."""
    while router.poll(timeout):
        server, *frames = router.recv_multipart()
        if server == endpoint.encode():
            yield frames


def alive(endpoint):
    until = time.monotonic() + TIMEOUT_MS / 1000
    while time.monotonic() < until:
        router.send_multipart([endpoint.encode(), b"PING"])
        if [b"PONG"] in answers(endpoint, PING_MS):
            return True
    return False


for requests in lines():
    waiting = {next(numbers): request for request in requests}
    for endpoint in ENDPOINTS:
        if not waiting or not alive(endpoint):
            continue
        for number, request in waiting.items():
            router.send_multipart([endpoint.encode(), number, *frames_of(request)])
        for number, *reply in answers(endpoint, TIMEOUT_MS):
            # What is not waiting is a further PONG, or a reply that comes too late.
            if reply and number in waiting:
                say(endpoint=endpoint, request=waiting.pop(number), reply=" ".join(map(text, reply)))
            if not waiting:
                break
    for request in waiting.values():
        say(error="no server answered", request=request)
