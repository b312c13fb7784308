"""A Freelance client of the tracked dialect: ids, so that many requests may be under way.

    python3 tracked_client.py tcp://127.0.0.1:5555 tcp://127.0.0.1:5556

Reads an array of requests per line, sends them all to the first server that answers, and prints
each reply when it comes.
"""

import itertools
import time

import zmq

from console import ENDPOINTS, body, lines, say, text

TIMEOUT_MS = 2500

context = zmq.Context()
dealers = {}
ids = (str(number).encode() for number in itertools.count(1))


def answers(dealer, expected):
    """Yields the arguments of the answers as they come, until none comes in time."""
    while dealer.poll(TIMEOUT_MS):
        _, command, *args = dealer.recv_multipart()
        if command == expected:
            yield args


def alive(endpoint):
    """Returns the DEALER of a server that answers a PING; None if it does not."""
    if endpoint not in dealers:
        dealers[endpoint] = context.socket(zmq.DEALER)
        dealers[endpoint].connect(endpoint)
    dealer = dealers[endpoint]
    ping = [next(ids), str(time.time()).encode()]
    dealer.send_multipart([b"", b"PING", *ping])
    for pong in answers(dealer, b"PONG"):
        say(endpoint=endpoint, ping=list(map(text, ping)), pong=list(map(text, pong)))
        if pong == ping:
            return dealer
    dealers.pop(endpoint).close(linger=0)
    return None


for requests in lines():
    waiting = {next(ids): request for request in requests}
    for endpoint in ENDPOINTS:
        dealer = alive(endpoint) if waiting else None
        if dealer is None:
            continue
        for request_id, request in waiting.items():
            dealer.send_multipart([b"", b"REQUEST", request_id, body(request)])
        for request_id, reply in answers(dealer, b"REPLY"):
            # An id that is not waiting is that of a reply which comes too late.
            if request_id in waiting:
                say(endpoint=endpoint, request=waiting.pop(request_id), reply=text(reply))
            if not waiting:
                break
    for request in waiting.values():
        say(error="no server answered", request=request)
