"""Where webhooks may go: public addresses over https, and hosts that the deployment allows by name.

A name is resolved once for a connection, its addresses are judged, and the connection goes to one of those: what the name
says a moment later (DNS rebinding) is not asked. Private, loopback, link-local and shared ranges are refused.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import SplitResult, urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[list[str]]]

PINNED_S = 30.0
PINS_KEPT = 1000
NAT64 = ipaddress.ip_network("64:ff9b::/96")

NOT_A_URL, NOT_HTTPS, NOT_PUBLIC, NO_SUCH_NAME = "not_a_url", "not_https", "not_public", "no_such_name"


class TargetRefused(Exception):
    """`reason` is one word: not_a_url, not_https, not_public or no_such_name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_public(address: Address) -> bool:
    """Whether an address is one of the open Internet; what is wrapped in an IPv6 address is judged as well."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, by the system's resolver. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


class Targets:
    """Judges addresses. `allowed`: hosts (or host:port) that the deployment vouches for, whatever their range, also over
    plain http. `lookup` is for tests."""

    def __init__(self, allowed: Iterable[str] = (), lookup: Lookup = look_up) -> None:
        self._allowed = frozenset(one.strip().lower() for one in allowed if one.strip())
        self._lookup = lookup
        self._pins: dict[tuple[str, int], tuple[float, list[str]]] = {}

    def read(self, url: str) -> tuple[str, int]:
        """Host and port of an address that may be tried. Raises TargetRefused on what can be seen in it alone."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise TargetRefused(NOT_A_URL) from None
        host = (parts.hostname or "").rstrip(".")
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            raise TargetRefused(NOT_A_URL)
        if self._is_allowed(host, port):
            return host, port
        if _address(host) is not None and not is_public(_address(host)):  # type: ignore[arg-type]
            raise TargetRefused(NOT_PUBLIC)
        if parts.scheme != "https":
            raise TargetRefused(NOT_HTTPS)
        return host, port

    async def resolve(self, url: str) -> list[str]:
        """The addresses that a connection to `url` may take. Raises TargetRefused."""
        host, port = self.read(url)
        return await self.resolve_host(host, port)

    async def resolve_host(self, host: str, port: int) -> list[str]:
        """As `resolve`, for a host that was read before."""
        now = time.monotonic()
        until, known = self._pins.get((host, port), (0.0, []))
        if until > now:
            return known
        literal = _address(host)
        try:
            found = [str(literal)] if literal is not None else await self._lookup(host, port)
        except (OSError, UnicodeError):
            raise TargetRefused(NO_SUCH_NAME) from None
        if not self._is_allowed(host, port):
            judged = [_address(one.partition("%")[0]) for one in found]
            # One address out of place is enough: a name that points both ways is no mistake.
            if not all(one is not None and is_public(one) for one in judged):
                raise TargetRefused(NOT_PUBLIC)
        if not found:
            raise TargetRefused(NO_SUCH_NAME)
        if len(self._pins) >= PINS_KEPT:
            self._pins.clear()
        self._pins[host, port] = (now + PINNED_S, found)
        return found

    def _is_allowed(self, host: str, port: int) -> bool:
        return host.lower() in self._allowed or f"{host.lower()}:{port}" in self._allowed


class PinnedResolver(AbstractResolver):
    """Gives aiohttp the addresses that were judged, and no others."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        try:
            found = await self._targets.resolve_host(host.rstrip("."), port)
        except TargetRefused as refused:
            raise OSError(refused.reason) from None
        return [
            ResolveResult(
                hostname=host, host=one, port=port, family=socket.AF_INET6 if ":" in one else socket.AF_INET, proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for one in found
        ]  # fmt: skip

    async def close(self) -> None:
        pass


def shown(url: str) -> str:
    """An address without its query, which may hold a key."""
    parts = urlsplit(url)
    return SplitResult(parts.scheme, parts.netloc, parts.path, "", "").geturl()


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
