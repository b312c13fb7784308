"""A Freelance server of the guide dialect (RFC 10/FLP): its clients address it by its endpoint.

    python3 guide_server.py tcp://127.0.0.1:5555 server-1
"""

import zmq

from service import ENDPOINT, answer, ready

server = zmq.Context().socket(zmq.ROUTER)
server.routing_id = ENDPOINT.encode()
server.bind(ENDPOINT)
ready(server)

while True:
    client, first, *body = server.recv_multipart()
    if body:
        server.send_multipart([client, first, answer(body[0])])
    elif first == b"PING":
        server.send_multipart([client, b"PONG"])
