"""A Freelance client of the basic dialect: one request at a time, to the first that answers.

    python3 basic_client.py tcp://127.0.0.1:5555 tcp://127.0.0.1:5556

Reads one request per line, and prints the reply to it.
"""

import zmq

from console import ENDPOINTS, body, lines, say, text

TIMEOUT_MS = 2500

context = zmq.Context()
dealers = {}


def ask(endpoint, *message):
    """Returns the arguments of the server's answer; None if there is none in time."""
    if endpoint not in dealers:
        dealers[endpoint] = context.socket(zmq.DEALER)
        dealers[endpoint].connect(endpoint)
    dealers[endpoint].send_multipart([b"", *message])
    if dealers[endpoint].poll(TIMEOUT_MS):
        return dealers[endpoint].recv_multipart()[2:]
    # A late answer would be taken for that of the next question: it must find nobody.
    dealers.pop(endpoint).close(linger=0)
    return None


for request in lines():
    for endpoint in ENDPOINTS:
        pong = ask(endpoint, b"PING")
        reply = pong and ask(endpoint, b"REQUEST", body(request))
        if reply:
            say(endpoint=endpoint, pong=text(pong[0]), reply=text(reply[0]))
            break
    else:
        say(error="no server answered")
