"""A Freelance server of the basic dialect: requests have no ids.

    python3 basic_server.py tcp://127.0.0.1:5555 server-1
"""

import zmq

from service import ENDPOINT, SERVER_ID, answer, ready

server = zmq.Context().socket(zmq.ROUTER)
server.bind(ENDPOINT)
ready(server)

while True:
    # A client that knows more than this dialect sends more frames: they are not for us.
    client, empty, command, *args = server.recv_multipart()
    if command == b"PING":
        server.send_multipart([client, empty, b"PONG", SERVER_ID.encode()])
    elif command == b"REQUEST":
        server.send_multipart([client, empty, b"REPLY", answer(args[0])])
