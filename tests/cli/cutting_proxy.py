# SPDX-License-Identifier: BSD-2-Clause
"""A proxy that cuts what it forwards into blocks (RFC 7959), and knows nothing
of OSCORE: it copies all options but those about blocks, and cuts payloads."""
import itertools
import select
import socket
import threading

import coap_compose as compose
import request_kit as kit

CONTINUE = kit.code("2.31")
HOP_BY_HOP = (kit.BLOCK1, kit.BLOCK2)


def key_of(client, m):
    """What the blocks of one response are asked for by."""
    return client, m.code, tuple(
        o for o in m.options if o[0] not in (*HOP_BY_HOP, kit.OBSERVE))


class Flight:
    """A request on its way to the server."""

    def __init__(self, client, m):
        self.client = client
        self.request = m
        self.sent = 0
        self.told = 0  # responses


class CuttingProxy:
    """Clients send to `port` what is meant for the server. `szx` is the size
    of blocks. `spoil(block)` may change what goes to clients. `up` and `down`
    count the blocks each way."""

    def __init__(self, test, server_port, szx, spoil=None):
        self.szx = szx
        self.size = 16 << szx
        self.spoil = spoil or (lambda payload: payload)
        self.front, self.back = (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for _ in range(2))
        self.front.bind(("127.0.0.1", 0))
        self.back.connect(("127.0.0.1", server_port))
        self.port = self.front.getsockname()[1]
        self.mids = itertools.count(0x100)
        self.tokens = itertools.count(0x10000)
        self.flights = {}
        self.store = {}
        self.seen = {}
        self.up = self.down = 0
        self.ending = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        test.addCleanup(self.end)

    def uri(self, path):
        return f"coap://127.0.0.1:{self.port}/{path}"

    def mid(self):
        return next(self.mids) & 0xffff

    # --- to the server

    def forward(self, token):
        """The next block of a request."""
        flight = self.flights[token]
        m = flight.request
        options = [o for o in m.options if o[0] not in HOP_BY_HOP]
        num = flight.sent // self.size
        payload = m.payload[flight.sent:flight.sent + self.size]
        more = flight.sent + self.size < len(m.payload)
        if num > 0 or more:
            options.append((kit.BLOCK1, kit.block(num, more, self.szx)))
            self.up += 1
        flight.sent += len(payload)
        self.back.send(compose.datagram(kit.CON, m.code, self.mid(), token,
                                        kit.ordered(options), payload))

    def on_request(self, data, client):
        m = kit.Message(data)
        if m.code == 0 or m.type in (kit.ACK, kit.RST):
            return
        if (client, m.mid) in self.seen:
            if self.seen[client, m.mid]:
                self.front.sendto(self.seen[client, m.mid], client)
            return
        self.seen[client, m.mid] = b""
        block = m.block(kit.BLOCK2)
        if block and block[0] > 0:
            self.tell(client, m, block[0], key_of(client, m))
            return
        token = next(self.tokens).to_bytes(4, "big")
        self.flights[token] = Flight(client, m)
        self.forward(token)

    # --- to the clients

    def tell(self, client, asked, num, key, first=True):
        """A block of a response; later ones are Non-confirmable."""
        whole = self.store.get(key)
        code, options, payload = whole or (kit.code("4.08"), [], b"")
        part = payload[num * self.size:(num + 1) * self.size]
        more = (num + 1) * self.size < len(payload)
        if num > 0 or more:
            options = [*options, (kit.BLOCK2,
                                  kit.block(num, more, self.szx))]
            part = self.spoil(part)
            self.down += 1
        piggybacked = first and asked.type == kit.CON
        data = compose.datagram(kit.ACK if piggybacked else kit.NON, code,
                                asked.mid if piggybacked else self.mid(),
                                asked.token, kit.ordered(options), part)
        if first:
            self.seen[client, asked.mid] = data
        self.front.sendto(data, client)

    def on_response(self, data):
        m = kit.Message(data)
        if m.type == kit.CON:
            self.back.send(compose.datagram(kit.ACK, 0, m.mid, b"", [], b""))
        flight = self.flights.get(m.token)
        if flight is None or m.code == 0:
            return
        if m.code == CONTINUE:
            self.forward(m.token)
            return
        key = key_of(flight.client, flight.request)
        self.store[key] = (m.code, [o for o in m.options
                                    if o[0] not in HOP_BY_HOP], m.payload)
        flight.told += 1
        self.tell(flight.client, flight.request, 0, key, flight.told == 1)

    def run(self):
        while not self.ending:
            ready = select.select([self.front, self.back], [], [], 0.1)[0]
            for s in ready:
                try:
                    data, peer = s.recvfrom(65536)
                except OSError:  # nobody is there
                    continue
                if s is self.front:
                    self.on_request(data, peer)
                else:
                    self.on_response(data)

    def end(self):
        self.ending = True
        self.thread.join()
        self.front.close()
        self.back.close()
