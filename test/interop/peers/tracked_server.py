"""A Freelance server of the tracked dialect: what it answers has the id of what was asked.

    python3 tracked_server.py tcp://127.0.0.1:5555 server-1
"""

import zmq

from service import ENDPOINT, answer, ready

server = zmq.Context().socket(zmq.ROUTER)
server.bind(ENDPOINT)
ready(server)

while True:
    # A client that knows more than this dialect sends more frames: they are not for us.
    client, empty, command, *args = server.recv_multipart()
    if command == b"PING":
        ping_id, time = args[:2]
        server.send_multipart([client, empty, b"PONG", ping_id, time])
    elif command == b"REQUEST":
        request_id, body = args[:2]
        server.send_multipart([client, empty, b"REPLY", request_id, answer(body)])
