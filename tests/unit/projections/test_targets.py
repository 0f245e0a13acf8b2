"""Webhooks go to public addresses over https, and to hosts that the deployment names; a name cannot be turned meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from streams.adapters.targets import PinnedResolver, TargetRefused, Targets


class Names:
    """A resolver whose answers a test sets, and which counts how often it was asked."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = {name.replace("_", "."): found for name, found in addresses.items()}
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        if host not in self.addresses:
            raise OSError("no such name")
        return self.addresses[host]


def judged(targets: Targets, url: str) -> str:
    try:
        return ",".join(asyncio.run(targets.resolve(url)))
    except TargetRefused as refused:
        return refused.reason


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://10.1.2.3/hooks", "not_public"), ("https://192.168.0.9/", "not_public"), ("https://172.16.0.1/", "not_public"),
        ("https://127.0.0.1/", "not_public"), ("https://[::1]/", "not_public"), ("https://169.254.169.254/latest", "not_public"),
        ("https://[fe80::1]/", "not_public"), ("https://[fd00::1]/", "not_public"), ("https://100.64.0.1/", "not_public"),
        ("https://0.0.0.0/", "not_public"), ("https://[::ffff:10.0.0.1]/", "not_public"),
        ("https://[64:ff9b::a00:1]/", "not_public"),
        ("https://[2002:a00:1::]/", "not_public"), ("https://224.0.0.1/", "not_public"), ("https://255.255.255.255/", "not_public"),
        ("http://8.8.8.8/", "not_https"), ("ftp://8.8.8.8/", "not_a_url"), ("https://", "not_a_url"), ("nonsense", "not_a_url"),
        ("https://user:word@8.8.8.8/", "not_a_url"), ("https://8.8.8.8:99999/", "not_a_url"),
        ("https://inside.example/", "not_public"), ("https://both.example/", "not_public"),
        ("https://nobody.example/", "no_such_name"),
        ("https://2130706433/", "not_public"), ("https://8.8.8.8/hooks", "8.8.8.8"), ("https://coop.example/", "93.184.216.34"),
        ("https://coop.example.:8443/", "93.184.216.34"),
    ],
)  # fmt: skip
def test_who_may_be_sent_to(url: str, reason: str) -> None:
    names = Names(
        inside_example=["10.0.0.5"], both_example=["93.184.216.34", "10.0.0.5"], coop_example=["93.184.216.34"],
    )  # fmt: skip
    names.addresses["2130706433"] = ["127.0.0.1"]  # how a system's resolver reads a bare number
    assert judged(Targets(lookup=names), url) == reason


def test_a_deployment_allows_by_name() -> None:
    targets = Targets(("127.0.0.1:9000", "coop.internal"), Names(coop_internal=["10.0.0.7"]))
    assert judged(targets, "http://127.0.0.1:9000/hooks") == "127.0.0.1"
    assert judged(targets, "http://127.0.0.1:9001/hooks") == "not_public"
    assert judged(targets, "http://coop.internal/hooks") == "10.0.0.7"
    assert judged(targets, "http://10.0.0.7/hooks") == "not_public"
    assert judged(targets, "http://127.0.0.1.example:9000/") == "not_https"


def test_a_name_that_is_turned_between_judging_and_connecting_leads_nowhere_else() -> None:
    """DNS rebinding: public when judged, this machine when connected to."""
    names = Names(turning_example=["93.184.216.34"])
    targets = Targets(lookup=names)

    async def go() -> list[str]:
        assert await targets.resolve("https://turning.example/") == ["93.184.216.34"]
        names.addresses["turning.example"] = ["127.0.0.1"]
        found = await PinnedResolver(targets).resolve("turning.example", 443)
        return [where["host"] for where in found]

    assert asyncio.run(go()) == ["93.184.216.34"]
    assert names.asked == 1


def test_the_connector_itself_refuses_what_was_not_judged() -> None:
    """Whatever way a request takes to the connector, it cannot reach a private address by name."""

    async def go() -> None:
        await PinnedResolver(Targets(lookup=Names(inside_example=["10.0.0.5"]))).resolve("inside.example", 443)

    with pytest.raises(OSError, match="not_public"):
        asyncio.run(go())
