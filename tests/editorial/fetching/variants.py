"""Spellings of inside addresses and names, generated from a seed.

Each is a URL that some parser or resolver has taken for a way inside.
"""

import ipaddress
import random
from collections.abc import Callable, Iterator


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


INSIDE_IPV4 = words("""
    0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1
    172.31.255.255 192.0.0.192 192.168.0.1 198.18.0.1 198.19.255.255 224.0.0.1
    239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
""")
INSIDE_IPV6 = words("""
    :: ::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001:db8::1 3fff::1 100::1
""")
INSIDE_NAMES = words("""
    localhost foo.localhost x.internal metadata.google.internal x.local nas a.localdomain
""")
# RELIABILITY's list: inside by their text alone.
INSIDE_HOSTS = words("""
    127.0.0.1 127.1 0 2130706433 017700000001 0x7f.1 0x7f000001 127.000.000.001 0.0.0.0
    10.0.0.1 172.16.0.1 192.168.0.1 169.254.169.254 100.64.0.1 198.18.0.1 224.0.0.1
    255.255.255.255 127.0.0.1. 1.2.3 93.184.215.014 a.test.0x
    [::1] [::] [::ffff:127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [fc00::1] [fe80::1]
    localhost LOCALHOST. foo.localhost x.internal x.local router a.localdomain
""")
ASCII = "0123456789abcdefghijklmnopqrstuvwxyz."
FULL_WIDTH = "".join(chr(ord(c) + 0xFEE0) for c in ASCII)


def generate(seed: int, count: int) -> Iterator[str]:
    """So many URLs, the same ones for the same seed."""
    dice = random.Random(seed)
    for _ in range(count):
        host = dice.choice(HOSTS)(dice)
        wrap = dice.choice(WRAPPINGS)
        scheme = _mix_case(dice, dice.choice(("http", "https")))
        yield f"{scheme}://{wrap(dice, host)}{dice.choice(('', '/', '/a?b=c', '?q', '#f'))}"


def _decimal_parts(dice: random.Random) -> str:
    """127.1, 0x7f.1, 0177.0.0.1, 2130706433: what inet_aton reads."""
    number = int(ipaddress.IPv4Address(dice.choice(INSIDE_IPV4)))
    count = dice.randint(1, 4)
    parts = [number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255]
    last = number & (1 << 8 * (5 - count)) - 1
    return ".".join(_number(dice, part) for part in [*parts[: count - 1], last])


def _number(dice: random.Random, number: int) -> str:
    return dice.choice((f"{number}", f"0x{number:x}", f"0X{number:X}", f"0{number:o}"))


def _wrapped_ipv4(dice: random.Random) -> str:
    """IPv6 forms with an IPv4 address inside."""
    ip = int(ipaddress.IPv4Address(dice.choice(INSIDE_IPV4)))
    number = dice.choice(
        (
            ip,  # compatible
            0xFFFF << 32 | ip,  # mapped
            0xFFFF << 48 | ip,  # translated
            0x0064_FF9B << 96 | ip,  # NAT64
            0x0064_FF9B_0001 << 80 | ip,  # local NAT64
            0x2002 << 112 | ip << 80,  # 6to4
            0x2001 << 112 | ip ^ 0xFFFF_FFFF,  # Teredo
            0x2A00_1450 << 96 | 0x5EFE << 32 | ip,  # ISATAP
            0x2A00_1450 << 96 | 0x0200_5EFE << 32 | ip,
        )
    )
    return _spell_ipv6(dice, ipaddress.IPv6Address(number))


def _plain_ipv6(dice: random.Random) -> str:
    return _spell_ipv6(dice, ipaddress.IPv6Address(dice.choice(INSIDE_IPV6)))


def _spell_ipv6(dice: random.Random, ip: ipaddress.IPv6Address) -> str:
    low = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    dotted = ":".join(ip.exploded.split(":")[:6]) + f":{low}"
    text = dice.choice((ip.compressed, ip.exploded, dotted))
    scope = dice.choice(("", "", "%25lo", "%eth0"))
    return f"[{_mix_case(dice, text)}{scope}]"


def _name(dice: random.Random) -> str:
    return _mix_case(dice, dice.choice(INSIDE_NAMES)) + dice.choice(("", "."))


def _other_script(dice: random.Random) -> str:
    """Full-width letters, digits and dots, which IDNA maps to ASCII."""
    table = str.maketrans(ASCII, FULL_WIDTH)
    host = dice.choice((*INSIDE_IPV4, *INSIDE_NAMES))
    spelled = [c.translate(table) if dice.random() < 0.5 else c for c in host]
    place = dice.randrange(len(host))
    spelled[place] = host[place].translate(table)  # at least one
    return "".join(spelled).replace("．", dice.choice("．。｡"))


def _other_digits(dice: random.Random) -> str:
    zero = dice.choice("٠۰०০๐")
    table = {ord("0") + digit: chr(ord(zero) + digit) for digit in range(10)}
    return dice.choice(INSIDE_IPV4).translate(table)


def _percent(dice: random.Random) -> str:
    host = dice.choice((*INSIDE_IPV4, *INSIDE_NAMES))
    place = dice.randrange(len(host))
    return f"{host[:place]}%{ord(host[place]):02x}{host[place + 1 :]}"


def _mix_case(dice: random.Random, text: str) -> str:
    return "".join(dice.choice((c.lower(), c.upper())) for c in text)


def _behind_user(dice: random.Random, host: str) -> str:
    return f"{dice.choice(('example.test', 'user:pw', '93.184.215.14'))}@{host}"


def _before_backslash(dice: random.Random, host: str) -> str:
    return f"{host}\\{dice.choice('@.')}example.test"


def _with_port(dice: random.Random, host: str) -> str:
    return f"{host}:{dice.choice((80, 443, 22, 6379, 0, 99999, ''))}"


def _with_blank(dice: random.Random, host: str) -> str:
    return dice.choice((f" {host}", f"{host}\t", f"{host}\n", f"{host}\u200b.test"))


HOSTS: tuple[Callable[[random.Random], str], ...] = (
    _decimal_parts,
    _wrapped_ipv4,
    _plain_ipv6,
    _name,
    _other_script,
    _other_digits,
    _percent,
)
WRAPPINGS: tuple[Callable[[random.Random, str], str], ...] = (
    lambda dice, host: host,
    lambda dice, host: host,
    _with_port,
    _behind_user,
    _before_backslash,
    _with_blank,
)
