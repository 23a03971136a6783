"""Put on PYTHONPATH: this process reaches the loopback interface and nothing else."""

import socket

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")
connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo


def guarded_connect(self, address):
    if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
        raise OSError(f"the network is blocked: {address}")
    return connect(self, address)


def guarded_getaddrinfo(host, *args, **kwargs):
    if host and not str(host).startswith(LOOPBACK):
        raise socket.gaierror(f"the network is blocked: {host}")
    return getaddrinfo(host, *args, **kwargs)


socket.socket.connect, socket.getaddrinfo = guarded_connect, guarded_getaddrinfo
