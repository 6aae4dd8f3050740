# SPDX-License-Identifier: BSD-2-Clause
"""A way between a client and a server that loses datagrams as a test says."""
import select
import socket
import threading

CON, NON, ACK, RST = range(4)


class Relay:
    """Clients send to `port` what is meant for the server. `loses(to_server,
    datagram, copies)` says what is lost; copies: how often the same bytes came
    this way before. `passed` and `lost` are (to_server, datagram), in order."""

    def __init__(self, test, server_port, loses, host="127.0.0.1"):
        self.server = (host, server_port)
        self.loses = loses
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.front = socket.socket(self.family, socket.SOCK_DGRAM)
        self.front.bind((host, 0))
        self.port = self.front.getsockname()[1]
        self.backs = {}
        self.copies = {}
        self.passed = []
        self.lost = []
        self.ending = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        test.addCleanup(self.end)

    def sent(self, to_server):
        """What was sent this way, whether it was lost or not."""
        return [d for way, d in self.passed + self.lost if way == to_server]

    def back_of(self, client):
        """The socket that stands for this client."""
        if client not in self.backs:
            back = socket.socket(self.family, socket.SOCK_DGRAM)
            back.connect(self.server)
            self.backs[client] = back
        return self.backs[client]

    def through(self, to_server, datagram):
        key = to_server, datagram
        copies = self.copies[key] = self.copies.get(key, -1) + 1
        if self.loses(to_server, datagram, copies):
            self.lost.append(key)
            return False
        self.passed.append(key)
        return True

    def run(self):
        while not self.ending:
            backs = {back: client for client, back in self.backs.items()}
            for s in select.select([self.front, *backs], [], [], 0.1)[0]:
                try:
                    datagram, client = s.recvfrom(65536)
                except OSError:  # the server is not there any more
                    continue
                if s is self.front:
                    if self.through(True, datagram):
                        self.back_of(client).send(datagram)
                elif self.through(False, datagram):
                    self.front.sendto(datagram, backs[s])

    def end(self):
        self.ending = True
        self.thread.join()
        for s in (self.front, *self.backs.values()):
            s.close()


def kind_of(datagram):
    return datagram[0] >> 4 & 3


class Half:
    """The first copy of all that is Confirmable, and of what the server sends
    Non-confirmable every second one."""

    def __init__(self):
        self.told = 0

    def __call__(self, to_server, datagram, copies):
        if kind_of(datagram) == CON:
            return copies == 0
        if to_server or kind_of(datagram) != NON:
            return False
        self.told += 1
        return self.told % 2 == 1
