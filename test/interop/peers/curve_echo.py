"""One side of a connection with CURVE, which sends back whatever comes.

    python3 curve_echo.py server SECRET_KEY
    python3 curve_echo.py client PUBLIC_KEY SECRET_KEY SERVER_KEY tcp://127.0.0.1:5555
"""

import json
import sys
import threading

import zmq

role, *keys = sys.argv[1:]
peer = zmq.Context().socket(zmq.ROUTER if role == "server" else zmq.DEALER)
peer.linger = 0
peer.heartbeat_ivl = 2
peer.heartbeat_timeout = 60_000
peer.heartbeat_ttl = 60_000
if role == "server":
    peer.curve_server = True
    peer.curve_secretkey = keys[0].encode()
    peer.bind("tcp://127.0.0.1:*")
else:
    peer.routing_id = b"snake"
    peer.curve_publickey, peer.curve_secretkey, peer.curve_serverkey = [
        key.encode() for key in keys[:3]
    ]
    peer.connect(keys[3])
print(json.dumps({"endpoint": peer.last_endpoint.decode().rstrip("\0")}), flush=True)


def echo():
    while True:
        peer.send_multipart(peer.recv_multipart())


threading.Thread(target=echo, daemon=True).start()
sys.stdin.read()
