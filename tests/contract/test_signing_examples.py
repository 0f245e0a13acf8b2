"""The programs of docs/webhooks.md, each run in its language against our own verifier and our own signatures."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from deploy.local import needs
from services.api.problems import Problem
from services.api.signatures import TOLERANCE_S, sign, verify
from tests.contract.test_docs import blocks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(bytes(range(32))).decode()
BODY = {"type": "reports", "data": {"reports": [{"report_id": "r-1", "reason": "이름 없음"}]}}

# Each is told what to do on a line: check, sign, or send; fields by tabs, bodies in base64.
PYTHON = """
import base64, json, sys
for line in sys.stdin:
    what, webhook_id, timestamp, signature, body = line.rstrip("\\n").split("\\t")
    raw = base64.b64decode(body)
    if what == "check":
        headers = {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
        print(str(is_genuine(SECRET, {k: v for k, v in headers.items() if v}, raw)).lower())
    elif what == "sign":
        print(sign(SECRET, webhook_id, int(timestamp), raw))
    else:
        print(send(webhook_id, "RC1", SECRET, json.loads(raw)))
"""
JAVASCRIPT = """
import { readFileSync } from "node:fs";
for (const line of readFileSync(0, "utf-8").split("\\n").filter(Boolean)) {
  const [what, webhookId, timestamp, signature, body] = line.split("\\t");
  const raw = Buffer.from(body, "base64");
  if (what === "check") {
    const headers = { "webhook-id": webhookId, "webhook-timestamp": timestamp, "webhook-signature": signature };
    for (const name in headers) if (!headers[name]) delete headers[name];
    console.log(isGenuine(SECRET, headers, raw));
  } else if (what === "sign") console.log(sign(SECRET, webhookId, Number(timestamp), raw));
  else console.log(await send(webhookId, "RC1", SECRET, JSON.parse(raw)));
}
"""
JAVA = """
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

public class Driver {
    public static void main(String[] given) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line; (line = in.readLine()) != null; ) {
            String[] cells = line.split("\\t", -1);
            byte[] raw = Base64.getDecoder().decode(cells[4]);
            if (cells[0].equals("check")) {
                Map<String, String> headers = new HashMap<>();
                if (!cells[1].isEmpty()) headers.put("webhook-id", cells[1]);
                if (!cells[2].isEmpty()) headers.put("webhook-timestamp", cells[2]);
                if (!cells[3].isEmpty()) headers.put("webhook-signature", cells[3]);
                System.out.println(Webhooks.isGenuine(given[0], headers::get, raw));
            } else if (cells[0].equals("sign"))
                System.out.println(Webhooks.sign(given[0], cells[1], Long.parseLong(cells[2]), raw));
            else System.out.println(Webhooks.send(cells[1], "RC1", given[0], raw));
        }
    }
}
"""


def _program(language: str, folder: Path) -> list[str]:
    """The command that runs the document's program of a language, with a driver of ours behind it."""
    (shown,) = blocks("docs/webhooks.md", language)
    if language == "python":
        (folder / "shown.py").write_text(f"{shown}\nSECRET = {SECRET!r}\n{PYTHON}", encoding="utf-8")
        return [sys.executable, str(folder / "shown.py")]
    if language == "javascript":
        node = needs.find_node()
        assert node is not None, "Node.js is missing: make setup-dev brings it"
        (folder / "shown.mjs").write_text(f'{shown}\nconst SECRET = "{SECRET}";\n{JAVASCRIPT}', encoding="utf-8")
        return [node, str(folder / "shown.mjs")]
    javac = needs.find_javac()
    assert javac is not None, "a Java compiler is missing: make setup-dev brings it"
    (folder / "Webhooks.java").write_text(shown, encoding="utf-8")
    (folder / "Driver.java").write_text(JAVA, encoding="utf-8")
    sources = [str(folder / "Webhooks.java"), str(folder / "Driver.java")]
    subprocess.run([javac, "-encoding", "UTF-8", "-Werror", "-Xlint:all", "-d", str(folder), *sources], check=True, timeout=120)
    return [str(Path(javac).with_name("java")), "-cp", str(folder), "Driver", SECRET]


@pytest.fixture(params=["python", "javascript", "java"], scope="module")
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return _program(request.param, tmp_path_factory.mktemp(request.param))


def run(program: list[str], lines: list[tuple[str, str, str, str, bytes]]) -> list[str]:
    given = "".join("\t".join((*fields, base64.b64encode(raw).decode())) + "\n" for *fields, raw in lines)
    done = subprocess.run(program, input=given.encode(), capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().split("\n")[:-1]


def test_they_sign_as_we_verify(program: list[str]) -> None:
    now = int(time.time())
    bodies = [b"", b"{}", '{"이름":"없음"}'.encode(), bytes(range(256)) * 40]
    signed = run(program, [("sign", f"msg-{n}", str(now), "", raw) for n, raw in enumerate(bodies)])
    for number, (signature, raw) in enumerate(zip(signed, bodies, strict=True)):
        headers = {"webhook-id": f"msg-{number}", "webhook-timestamp": str(now), "webhook-signature": signature}
        assert verify(SECRET, headers, raw, now) == f"msg-{number}"


def test_they_take_what_is_ours_and_nothing_else(program: list[str]) -> None:
    now, raw = int(time.time()), json.dumps(BODY, ensure_ascii=False).encode()
    right, rotated = sign(SECRET, "msg-1", now, raw), sign(OTHER, "msg-1", now, raw)
    late, early = now - TOLERANCE_S - 60, now + TOLERANCE_S + 60
    genuine = [
        ("check", "msg-1", str(now), right, raw),
        ("check", "msg-1", str(now), f"{rotated} {right}", raw),
        ("check", "msg-1", str(now - TOLERANCE_S + 60), sign(SECRET, "msg-1", now - TOLERANCE_S + 60, raw), raw),
    ]
    flipped = right[:-2] + ("A" if right[-2] != "A" else "B") + right[-1]
    forged = [
        ("check", "msg-1", str(now), right, raw + b" "),
        ("check", "msg-1", str(now), right, raw.replace(b"r-1", b"r-2")),
        ("check", "msg-2", str(now), right, raw),
        ("check", "msg-1", str(now + 1), right, raw),
        ("check", "msg-1", str(now), rotated, raw),
        ("check", "msg-1", str(now), flipped, raw),
        ("check", "msg-1", str(now), right.removeprefix("v1,"), raw),
        ("check", "msg-1", str(now), right.replace("v1,", "v2,"), raw),
        ("check", "msg-1", str(now), right[:10], raw),
        ("check", "msg-1", str(now), "v1,서명", raw),
        ("check", "", str(now), right, raw),
        ("check", "msg-1", "", right, raw),
        ("check", "msg-1", str(now), "", raw),
        ("check", "msg-1", "１" * 10, right, raw),
        ("check", "msg-1", f"{now}.0", right, raw),
        ("check", "msg-1", "9" * 40, right, raw),
        ("check", "msg-1", str(late), sign(SECRET, "msg-1", late, raw), raw),
        ("check", "msg-1", str(early), sign(SECRET, "msg-1", early, raw), raw),
    ]
    answers = run(program, genuine + forged)
    assert answers == ["true"] * len(genuine) + ["false"] * len(forged)


class Door(BaseHTTPRequestHandler):
    """A door that verifies as the API does, and remembers what it took."""

    taken: ClassVar[list[tuple[str, Any]]] = []

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        try:
            verify(SECRET, {name.lower(): value for name, value in self.headers.items()}, raw, time.time())
            self.taken.append((self.path, json.loads(raw)))
            self.send_response(202)
        except Problem:
            self.send_response(401)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def door() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Door.taken.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_what_they_send_comes_in_as_signed(program: list[str], door: str) -> None:
    assert run(program, [("send", door, "", "", json.dumps(BODY).encode())]) == ["202"]
    assert Door.taken == [("/v1/webhooks/RC1", BODY)]
