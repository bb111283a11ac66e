"""Which network somebody came from, without keeping an address."""

import ipaddress

from django.utils.crypto import salted_hmac


def network_hash(client: str) -> str:
    """A keyed hash of the network of an IP address (IPv4 address, IPv6 /64).

    It tells no address and cannot be found by trying them all without our key.
    """
    try:
        ip = ipaddress.ip_address(client)
    except ValueError:
        network = "unknown"
    else:
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        size = 64 if ip.version == 6 else 32
        network = str(ipaddress.ip_network(f"{ip}/{size}", strict=False))
    key = salted_hmac("newsletter.network", network, algorithm="sha256")
    return key.hexdigest()
