"""`dolbom accounts`: people who sign in, API keys, and who read a recipient's data. On the machine with the registry's key."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from services.api.roles import Role, Scope, wrong_scope
from services.cli.help_texts import told
from services.cli.registry import opened_registry
from services.cli.speech import SEOUL, CommandFailed, say, seoul
from streams.adapters.registry import Registry, open_registry
from streams.adapters.registry_accounts import Account, AccountStore, LoginTaken
from streams.settings import Settings, read_settings

BY = "operator:command_line"
LINK_S = 72 * 3600
READS_AT_ONCE = 1000
LOGIN = re.compile(r"\S{2,100}")


def register(subparsers: Any) -> None:
    """Add the commands to `dolbom`."""
    parser = subparsers.add_parser("accounts", help=told("people who sign in, API keys, who read whose data"))
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help=told("make an account; prints a sign-in link, shown once"))
    create.add_argument("login")
    create.add_argument("--name", default="")
    _scoped(create, Role.OPERATOR)
    create.set_defaults(run=_create)
    actions.add_parser("list", help=told("all accounts")).set_defaults(run=_list)
    for name, run, what in (
        ("revoke", _revoke, told("end an account at once: sessions, links and keys")),
        ("reset", _reset, told("forget password and second factor; prints a new sign-in link")),
    ):
        action = actions.add_parser(name, help=what)
        action.add_argument("login")
        action.set_defaults(run=run)
    key = actions.add_parser("create-key", help=told("make an API key for another system; shown once"))
    key.add_argument("label")
    _scoped(key, Role.SERVICE_KEY)
    key.set_defaults(run=_create_key)
    actions.add_parser("list-keys", help=told("API keys, without their secrets")).set_defaults(run=_list_keys)
    revoke_key = actions.add_parser("revoke-key", help=told("end an API key at once"))
    revoke_key.add_argument("key_id")
    revoke_key.set_defaults(run=_revoke_key)
    revoke_all = actions.add_parser("revoke-everything", help=told("after a theft: every session, link and key"))
    revoke_all.set_defaults(run=_revoke_everything)
    reads = actions.add_parser("reads", help=told("who read a recipient's data: one JSON object a line, for the person who asks"))
    reads.add_argument("recipient_id")
    reads.set_defaults(run=_reads)


def _scoped(parser: argparse.ArgumentParser, role: Role) -> None:
    parser.add_argument("--role", choices=[one.value for one in Role], default=role.value)
    for name in ("district", "area", "dong"):
        parser.add_argument(f"--{name}", action="append", default=[], help=told("may be given several times"))
    parser.add_argument("--organisation", default="")


def _scope(args: argparse.Namespace) -> str:
    scope = Scope(
        districts=tuple(args.district), areas=tuple(args.area), dongs=tuple(args.dong), organisation=args.organisation
    )
    if wrong := wrong_scope(Role(args.role), scope):
        option = wrong.partition(":")[0].removeprefix("scope.").removesuffix("s")
        if wrong.endswith("is missing"):
            raise CommandFailed(say(f"{args.role} 역할은 --{option}이 필요합니다.", f"The role {args.role} needs --{option}."))
        raise CommandFailed(say(f"{args.role} 역할에는 --{option}을 쓰지 않습니다.", f"The role {args.role} takes no --{option}."))
    return msgspec.json.encode(scope).decode()


@contextmanager
def _opened(make: bool = False) -> Iterator[tuple[Settings, Registry, AccountStore]]:
    with opened_registry(make=make) as (settings, registry):
        yield settings, registry, AccountStore(registry)


def sign_in_url(settings: Settings, secret: str) -> str:
    """The secret stands behind the #: it is sent to no server and stands in no log."""
    base = settings.public_url or f"http://127.0.0.1:{settings.api_port}"
    return f"{base}/sign-in#link={secret}"


def _create(args: argparse.Namespace) -> int:
    scope = _scope(args)
    if LOGIN.fullmatch(args.login) is None:
        raise CommandFailed(say("아이디는 빈칸 없이 2~100자입니다.", "A login has 2 to 100 characters and no spaces."))
    with _opened(make=True) as (settings, _, store):
        try:
            account = store.create(args.login, args.name, args.role, scope, BY)
        except LoginTaken:
            raise CommandFailed(say("이미 있는 아이디입니다.", "Another account has this login.")) from None
        _print_link(settings, store, account)
    return 0


def _print_link(settings: Settings, store: AccountStore, account: Account) -> None:
    url = sign_in_url(settings, store.make_link(account.account_id, LINK_S, BY))
    print(say("3일 안에 한 번 열 수 있는 로그인 링크입니다:", "A sign-in link, good once within three days:"))
    print(url)


def _list(args: argparse.Namespace) -> int:
    with _opened() as (_, registry, store):
        found = store.list_accounts()
        registry.log_read(BY, [f"account:{one.account_id}" for one in found], "login,name", "list of accounts")
    if not found:
        nobody = say("아직 계정이 없습니다: dolbom accounts create 아이디", "No accounts yet: dolbom accounts create LOGIN")
        print(nobody, file=sys.stderr)
    for one in found:
        state = say("폐지됨", "revoked") if one.revoked_at else say("사용 중", "active")
        factor = say("2단계", "two factors") if one.totp_on else say("비밀번호", "password") if one.password_hash else "-"
        print(f"{one.account_id}  {one.login}  {one.role}  {_scope_text(one.scope)}  {factor}  {state}")
    return 0


def _revoke(args: argparse.Namespace) -> int:
    with _opened() as (_, _, store):
        store.revoke(_find(store, args.login).account_id, BY)
    print(say("폐지했습니다. 열려 있던 화면도 몇 초 안에 닫힙니다.", "Revoked; open pages close within seconds."))
    return 0


def _reset(args: argparse.Namespace) -> int:
    with _opened() as (settings, _, store):
        account = _find(store, args.login)
        store.reset(account.account_id, BY)
        _print_link(settings, store, account)
    return 0


def _create_key(args: argparse.Namespace) -> int:
    scope = _scope(args)
    with _opened(make=True) as (_, _, store):
        key, secret = store.make_key(args.label, args.role, scope, BY)
    print(say("다시 볼 수 없으니 지금 보관하세요:", "Keep it now; it is not shown again:"))
    print(f"{key.key_id}  {secret}")
    return 0


def _list_keys(args: argparse.Namespace) -> int:
    with _opened() as (_, _, store):
        found = store.list_keys()
    if not found:
        nothing = say("아직 키가 없습니다: dolbom accounts create-key 이름", "No keys yet: dolbom accounts create-key LABEL")
        print(nothing, file=sys.stderr)
    for one in found:
        used = seoul(one.used_at) if one.used_at else "-"
        state = say("폐지됨", "revoked") if one.revoked_at else say("사용 중", "active")
        print(f"{one.key_id}  {one.label}  {one.role}  {_scope_text(one.scope)}  {used}  {state}")
    return 0


def _revoke_key(args: argparse.Namespace) -> int:
    with _opened() as (_, _, store):
        if not store.revoke_key(args.key_id, BY):
            raise CommandFailed(say("그런 키가 없습니다.", "There is no such key."))
    return 0


def _revoke_everything(args: argparse.Namespace) -> int:
    with _opened() as (settings, _, store):
        store.revoke_everything(BY)
    token = settings.state_dir / "token"
    print(
        say(
            f"모든 세션, 링크, 키를 폐지했습니다. 설치 토큰도 바꾸려면 {token} 파일을 지우고 다시 시작하세요.",
            f"Every session, link and key is revoked. To change the installation's token too, delete {token} and start again.",
        )
    )
    return 0


def _reads(args: argparse.Namespace) -> int:
    with _opened() as (_, registry, _):
        after, some = 0, True
        while some:
            rows = registry.list_reads(args.recipient_id, after, READS_AT_ONCE)
            for one in rows:
                at = datetime.fromtimestamp(one.at, SEOUL).isoformat(timespec="seconds")
                line = {"at": at, "actor": one.actor, "fields": one.fields.split(","), "why": one.why}
                print(json.dumps(line, ensure_ascii=False))
                after = one.row
            some = len(rows) == READS_AT_ONCE
    if not after:
        print(say("열람한 기록이 없습니다. 번호를 확인하세요.", "Nobody read it, by the log. Check the id."), file=sys.stderr)
    return 0


def _find(store: AccountStore, login: str) -> Account:
    account = store.find_login(login) or store.find(login)
    if account is None:
        raise CommandFailed(say("그런 계정이 없습니다.", "There is no such account."))
    return account


def _scope_text(scope: str) -> str:
    said = msgspec.json.decode(scope, type=Scope)
    parts = [*said.districts, *said.areas, *said.dongs, *([said.organisation] if said.organisation else [])]
    return ",".join(parts) or "*"


FIRST_LINK_S = 12 * 3600
FIRST_LINK_USES = 20  # opened again, in another browser, after a restart: all on the day it was printed
FIRST_LOGIN = "operator"


def first_link(environ: dict[str, str]) -> str | None:
    """What `make run` prints: a link's secret for the first operator, who is made if there is nobody. None: accounts were
    made by hand, and none is called "operator"."""
    settings = read_settings({**os.environ, **environ})
    registry = open_registry(settings.registry_url, settings.state_dir)
    try:
        store = AccountStore(registry)
        account = store.find_login(FIRST_LOGIN)
        if account is None and store.count() == 0:
            account = store.create(FIRST_LOGIN, "", Role.OPERATOR, msgspec.json.encode(Scope()).decode(), "first start")
        if account is None or account.revoked_at is not None or account.role != Role.OPERATOR:
            return None
        return store.make_link(account.account_id, FIRST_LINK_S, "first start", FIRST_LINK_USES)
    finally:
        registry.close()
