"""Where messages may go: public addresses, and networks that the operator names.

A name is looked up anew for every message, and the connection goes to the very address that was checked:
what a name server says a moment later does not matter.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass

from django.conf import settings
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
    """An address to which nothing is sent; the text says why."""


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


def check(url: str) -> None:
    """Raises Refused where nothing could be sent to ``url`` today."""
    places_of(target_of(url))


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


def places_of(target: Target) -> list[str]:
    """The addresses behind the target's name, all of which may be sent to. Raises Refused."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(_("找不到“%(host)s”这台主机。请核对地址。") % {"host": target.host}) from error
    places = [str(place[4][0]) for place in found]
    addresses = [_plain(place) for place in places]
    if not addresses or not all(_is_public(address) or _is_allowed(address) for address in addresses):
        sentence = _("这个地址在内网或保留网段，不能发送。要发到内网，请让运维人员设置 %(setting)s。")
        raise Refused(sentence % {"setting": "WEBHOOK_ALLOW_PRIVATE"})
    if target.scheme != "https" and not all(map(_is_allowed, addresses)):
        raise Refused(_("要用 https:// 开头的地址，内容在路上才不会被改。"))
    return list(dict.fromkeys(places))


def _plain(place: str) -> Address:
    """The address meant; an IPv4 address in the clothes of IPv6 is an IPv4 address."""
    address = ipaddress.ip_address(place.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def _is_public(address: Address) -> bool:
    if address.version == 6 and address not in UNICAST:
        return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_special and not any(address in network for network in ELSEWHERE)


def _is_allowed(address: Address) -> bool:
    return any(address in ipaddress.ip_network(network) for network in settings.WEBHOOK_ALLOW_PRIVATE)
