"""Opening the registry for a command: what is wrong with it is said in one sentence, and looking makes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from services.cli.speech import CommandFailed, say
from streams.settings import Settings, read_settings

if TYPE_CHECKING:
    from streams.adapters.registry import Registry

SQLITE = "sqlite:///"


@contextmanager
def opened_registry(*, make: bool = False) -> Iterator[tuple[Settings, Registry]]:
    """The settings and the open registry of the system that is meant. `make`: it is made where there is none yet; else that is
    said, for a command that only looks must leave no empty registry and no key behind. Raises `CommandFailed`."""
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    from streams.adapters.registry import open_registry
    from streams.adapters.registry_schema import RegistryTooNew
    from streams.adapters.vault import VaultError

    settings = read_settings()
    if not make:
        _must_be_there(settings)
    _say_where(settings)
    try:
        registry = open_registry(settings.registry_url, settings.state_dir)
        try:
            yield settings, registry
        finally:
            registry.close()
    except (ArgumentError, ModuleNotFoundError):
        url = say("DOLBOM_REGISTRY_URL을 읽을 수 없습니다(예: postgresql://사용자:암호@호스트/이름).",
                  "DOLBOM_REGISTRY_URL is no address of a database: postgresql://user:password@host/name.")  # fmt: skip
        raise CommandFailed(url) from None
    except RegistryTooNew:
        raise CommandFailed(say("이 등록부는 더 새 버전이 만들었습니다. 이 시스템을 새 버전으로 올리세요.",
                                "A later version made this registry. Upgrade this one.")) from None  # fmt: skip
    except VaultError as error:
        raise CommandFailed(say("등록부의 봉인이 열리지 않습니다. master.key(또는 DOLBOM_MASTER_KEY)가 이 등록부의 것입니까?",
                                f"The registry's seals do not open ({error}). Is master.key, or DOLBOM_MASTER_KEY, "
                                "the one of this registry?")) from None  # fmt: skip
    except SQLAlchemyError as error:  # its words hold the statement and its values: only the kind is told
        kind = type(getattr(error, "orig", None) or error).__name__
        raise CommandFailed(say(f"등록부를 쓸 수 없습니다({kind}): {_where(settings)}. "
                                "데이터베이스가 켜져 있는지, 파일이 온전한지 확인하세요.",
                                f"The registry cannot be used ({kind}): {_where(settings)}. "
                                "Is the database running, and the file whole?")) from None  # fmt: skip


def _file(settings: Settings) -> Path | None:
    return Path(settings.registry_url.removeprefix(SQLITE)) if settings.registry_url.startswith(SQLITE) else None


def _where(settings: Settings) -> str:
    """The file, or only that it is a database elsewhere: its address holds a password."""
    file = _file(settings)
    return str(file) if file else "DOLBOM_REGISTRY_URL"


def _must_be_there(settings: Settings) -> None:
    file = _file(settings)
    if file is not None and not file.is_file():
        raise CommandFailed(say(f"{file}에 등록부가 없습니다. make run으로 시작하거나 DOLBOM_STATE_DIR로 상태 폴더를 알려 주세요.",
                                f"There is no registry at {file}. Start the system (make run), or name its state folder: "
                                "DOLBOM_STATE_DIR."))  # fmt: skip


def _say_where(settings: Settings) -> None:
    """Nothing runs and nobody said which system is meant: it is better to say whose registry this is."""
    if "DOLBOM_STATE_DIR" not in os.environ and "DOLBOM_REGISTRY_URL" not in os.environ:
        where = _where(settings)
        print(say(f"실행 중인 시스템이 없어 {where}의 기록을 다룹니다. 다른 시스템이면 DOLBOM_STATE_DIR을 정하세요.",
                  f"Nothing runs here: this is about {where}. For another system set DOLBOM_STATE_DIR."),
              file=sys.stderr)  # fmt: skip
