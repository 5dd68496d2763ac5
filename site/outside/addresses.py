"""Which addresses other servers may be asked at: public ones, and networks that the caller allows.

A name is looked up anew for every request, and the connection goes to the very address that was checked:
what a name server says a moment later does not matter.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST = 500
PORTS = {"http": 80, "https": 443}
# 2130706433, 017700000001, 0x7f.1: forms that systems read as numbers, each in its own way.
NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)\.?", re.IGNORECASE | re.ASCII)
UNPRINTED = re.compile(r"[\x00-\x20\x7f\\]")
UNICAST = ipaddress.ip_network("2000::/3")
# Parts of the public ranges that lead elsewhere: to IPv4 addresses inside, or nowhere.
ELSEWHERE = [
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


class Refused(ValueError):
    """An address at which nobody is asked; the text says why."""


class Unknown(Refused):
    """No name server knows the host."""


class Inside(Refused):
    """The host is in a network inside, or in one that is reserved."""


@dataclass(frozen=True)
class Target:
    """An address taken apart, once: what is checked is what is used."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """The parts of ``url``; nothing is asked of the network. Raises Refused."""
    if len(url) > LONGEST or UNPRINTED.search(url):
        raise Refused(_("地址太长，或者里面有空格、反斜杠这样的字符。请核对。"))
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise Refused(_("地址的格式不对。请写成 https://例子.cn/路径 这样。")) from error
    if parts.scheme not in PORTS or not parts.host:
        raise Refused(_("地址要以 https:// 开头，后面写主机名。"))
    if parts.auth is not None:
        raise Refused(_("地址里不能写用户名和密码。对方凭签名就能认出我们。"))
    if parts.fragment is not None:
        raise Refused(_("地址里不能有“#”。"))
    if parts.port == 0:
        raise Refused(_("端口不对。"))
    host = parts.host.removeprefix("[").removesuffix("]").lower()
    if ":" not in host:
        _require_usual_form(host)
    return Target(parts.scheme, host, parts.port or PORTS[parts.scheme], parts.request_uri)


def _require_usual_form(host: str) -> None:
    if NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        try:
            ipaddress.IPv4Address(host)
        except ValueError as error:
            raise Refused(_("请写主机名，或者 203.0.113.8 这样通常写法的 IP 地址。")) from error


def places_of(target: Target, *, allowed: Iterable[str] = ()) -> list[str]:
    """The addresses behind the name, each public or in an ``allowed`` network. Raises Refused."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unknown(_("找不到“%(host)s”这台主机。请核对地址。") % {"host": target.host}) from error
    places = list(dict.fromkeys(str(place[4][0]) for place in found))
    if not places or not all(_is_public(_plain(place)) or is_within(place, allowed) for place in places):
        raise Inside(_("这个地址在内网或保留网段。"))
    return places


def is_within(place: str, networks: Iterable[str]) -> bool:
    return any(_plain(place) in ipaddress.ip_network(network) for network in networks)


def _plain(place: str) -> Address:
    """The address meant; an IPv4 address in the clothes of IPv6 is an IPv4 address."""
    address = ipaddress.ip_address(place.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def _is_public(address: Address) -> bool:
    if address.version == 6 and address not in UNICAST:
        return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_special and not any(address in network for network in ELSEWHERE)
