"""A Hugging Face Hub on the loopback interface: the real routes, and the faults of real hubs on request."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RESOLVE = re.compile(r"/(?:spaces/)?(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")
API = re.compile(r"/api/(?P<kind>models|spaces)/(?P<repo>[^/]+/[^/]+)/(?P<verb>preupload|commit|variables|tree)(/.*)?")


@dataclass
class Repo:
    """files: by commit, then by name. faults: see `Handler.do_GET` and `Handler._head`."""

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    main: str = ""
    gated: bool = False
    token: str = ""
    etag: str = ""
    breaks_after: int = 0
    then_gone: bool = False
    stands_still: bool = False
    lies: bytes = b""
    variables: dict[str, str] = field(default_factory=dict)
    kind: str = "models"

    def commit(self, files: dict[str, bytes]) -> str:
        content = b"".join(name.encode() + body for name, body in sorted(files.items()))
        sha = hashlib.sha1(self.main.encode() + content).hexdigest()
        self.files[sha] = {**self.files.get(self.main, {}), **files}
        self.main = sha
        return sha


class FakeHub:
    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.requests: list[str] = []
        self.delay = 0.0
        self.seconds_a_megabyte = 0.0
        self.url = ""

    def repo(self, name: str, **files: bytes) -> Repo:
        repo = self.repos[name] = Repo()
        repo.commit(files or {})
        return repo

    @contextmanager
    def serving(self, port: int = 0):
        handler = type("Bound", (Handler,), {"hub": self})
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


class Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self._resolved(lambda repo, body: self._answer(200, b"", self._headers(repo, body)))

    def do_GET(self):
        if self.path.startswith("/api/whoami"):
            return self._json({"name": "user", "type": "user", "auth": {"accessToken": {"role": "write"}}})
        found = API.fullmatch(self.path.partition("?")[0])
        if found and found["verb"] == "tree" and found["repo"] in self.hub.repos:
            return self._tree(self.hub.repos[found["repo"]])
        if found and found["repo"] in self.hub.repos:
            return self._variables(self.hub.repos[found["repo"]])
        return self._resolved(self._send)

    def do_DELETE(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        repo = self.hub.repos[API.fullmatch(self.path)["repo"]]
        del repo.variables[body["key"]]
        return self._variables(repo)

    def do_POST(self):
        self.hub.requests.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "Bearer" not in self.headers.get("Authorization", ""):
            return self._error(401, "RepoNotFound")
        if self.path == "/api/repos/create":
            return self._create(json.loads(body))
        if self.path == "/api/validate-yaml":
            return self._json({"errors": [], "warnings": []})
        found = API.fullmatch(self.path.partition("?")[0])
        if not found or found["repo"] not in self.hub.repos:
            return self._error(404, "RepoNotFound")
        return getattr(self, f"_{found['verb']}")(self.hub.repos[found["repo"]], found, body)

    def _create(self, wanted):
        name = f"{wanted.get('organization') or 'user'}/{wanted['name']}"
        if name in self.hub.repos:
            return self._json({"url": f"{self.hub.url}/{name}"}, 409)
        repo = self.hub.repo(name)
        repo.kind = wanted.get("type", "model") + "s"
        prefix = "spaces/" if repo.kind == "spaces" else ""
        return self._json({"url": f"{self.hub.url}/{prefix}{name}", "name": name})

    def _preupload(self, repo, found, body):
        names = [each["path"] for each in json.loads(body)["files"]]
        return self._json({"files": [{"path": n, "uploadMode": "regular", "shouldIgnore": False} for n in names]})

    def _commit(self, repo, found, body):
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        files = {e["value"]["path"]: base64.b64decode(e["value"]["content"]) for e in lines if e["key"] == "file"}
        sha = repo.commit(files)
        for each in lines:
            if each["key"] == "deletedFile":
                del repo.files[sha][each["value"]["path"]]
        url = f"{self.hub.url}/{found['repo']}/commit/{sha}"
        return self._json({"success": True, "commitOid": sha, "commitUrl": url, "hookOutput": "", "pullRequestUrl": None})

    def _tree(self, repo):
        files = repo.files[repo.main]
        return self._json([{"type": "file", "path": name, "size": len(files[name]), "oid": name} for name in files])

    def _variables(self, repo, found=None, body=b"{}"):
        wanted = json.loads(body)
        if wanted:
            repo.variables[wanted["key"]] = wanted["value"]
        return self._json({k: {"key": k, "value": v} for k, v in repo.variables.items()})

    def _resolved(self, answer):
        self.hub.requests.append(f"{self.command} {self.path}")
        time.sleep(self.hub.delay)
        found = RESOLVE.fullmatch(self.path.partition("?")[0])
        repo = self.hub.repos.get(found["repo"]) if found else None
        if repo is None:
            return self._error(401, "RepoNotFound")
        if repo.gated and self.headers.get("Authorization") != f"Bearer {repo.token}":
            return self._error(403, "GatedRepo")
        commit = repo.main if found["revision"] == "main" else found["revision"]
        if commit not in repo.files:
            return self._error(404, "RevisionNotFound")
        body = repo.files[commit].get(found["file"])
        if body is None:
            return self._error(404, "EntryNotFound", {"X-Repo-Commit": commit})
        self.commit = commit
        return answer(repo, body)

    def _headers(self, repo, body):
        etag = repo.etag or hashlib.sha256(body).hexdigest()
        return {
            "X-Repo-Commit": self.commit,
            "ETag": f'"{etag}"',
            "Content-Length": str(len(body)),
            "Accept-Ranges": "bytes",
        }

    def _send(self, repo, body):
        headers, whole = self._headers(repo, body), repo.lies or body
        if repo.stands_still:
            time.sleep(5)
        start = int(self.headers.get("Range", "bytes=0-")[6:].partition("-")[0])
        part = whole[start:]
        headers |= {"Content-Length": str(len(part)), "Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"}
        if repo.breaks_after:
            part, repo.breaks_after = part[: repo.breaks_after], 0
            self.close_connection = True
        elif repo.then_gone:
            part, headers = b"", {"Content-Length": "0"}
        self._answer((206 if start else 200) if part else 503, part, headers)

    def _json(self, value, status=200):
        body = json.dumps(value).encode()
        self._answer(status, body, {"Content-Type": "application/json", "Content-Length": str(len(body))})

    def _error(self, status, code, headers=()):
        self._answer(status, b"", {"X-Error-Code": code, "X-Error-Message": code, "Content-Length": "0", **dict(headers)})

    def _answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            for start in range(0, len(body), 1 << 20):
                self.wfile.write(body[start : start + (1 << 20)])
                time.sleep(self.hub.seconds_a_megabyte)
