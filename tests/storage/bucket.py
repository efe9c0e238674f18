"""A small bucket that speaks S3 over HTTP, in a process of its own; it checks every signature.

`python -m tests.storage.bucket` prints its port. Objects are in memory. Path-style addresses, one
bucket, no pages of lists.
"""

import hashlib
import hmac
import re
import sys
import time
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET, KEY_ID, SECRET, REGION = "archives", "test-key", "test-secret", "eu-test-1"

OBJECTS: dict[str, bytes] = {}
UPLOADS: dict[str, dict[int, bytes]] = {}


class Bucket(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.url = urlsplit(self.path)
        self.query = parse_qs(self.url.query, keep_blank_values=True)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if not self.is_signed(body):
            return self.send(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        key = unquote(self.url.path).removeprefix(f"/{BUCKET}").strip("/")
        getattr(self, self.command.lower())(key, body)
        return None

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer

    def put(self, key: str, body: bytes) -> None:
        if "uploadId" in self.query:
            UPLOADS[self.query["uploadId"][0]][int(self.query["partNumber"][0])] = body
        else:
            OBJECTS[key] = body
        self.send(200, b"", ETag=f'"{hashlib.md5(body).hexdigest()}"')

    def get(self, key: str, _body: bytes) -> None:
        if "list-type" in self.query:
            return self.list()
        if key not in OBJECTS:
            return self.send(404, b"<Error><Code>NoSuchKey</Code></Error>")
        whole, asked = OBJECTS[key], re.match(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        stamps = {"ETag": '"x"', "Last-Modified": formatdate(usegmt=True)}
        if asked is None:
            return self.send(200, whole, **stamps)
        begin, end = int(asked[1]), min(int(asked[2] or len(whole) - 1), len(whole) - 1)
        stamps["Content-Range"] = f"bytes {begin}-{end}/{len(whole)}"
        return self.send(206, whole[begin : end + 1], **stamps)

    head = get

    def delete(self, key: str, _body: bytes) -> None:
        OBJECTS.pop(key, None)
        self.send(204, b"")

    def post(self, key: str, body: bytes) -> None:
        if "delete" in self.query:
            keys = re.findall(r"<Key>(.*?)</Key>", body.decode())
            for found in keys:
                OBJECTS.pop(found, None)
            rows = "".join(f"<Deleted><Key>{found}</Key></Deleted>" for found in keys)
            self.send(200, f"<DeleteResult>{rows}</DeleteResult>".encode())
        elif "uploads" in self.query:
            number = f"upload-{len(UPLOADS)}"
            UPLOADS[number] = {}
            start = "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>"
            self.send(200, f"{start}{number}</UploadId></InitiateMultipartUploadResult>".encode())
        else:
            parts = UPLOADS.pop(self.query["uploadId"][0])
            OBJECTS[key] = b"".join(parts[number] for number in sorted(parts))
            done = b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"
            self.send(200, done)

    def list(self) -> None:
        prefix = self.query.get("prefix", [""])[0]
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{now}</LastModified>"
            f"<ETag>x</ETag><Size>{len(content)}</Size></Contents>"
            for key, content in sorted(OBJECTS.items())
            if key.startswith(prefix)
        )
        whole = f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        self.send(200, whole.encode())

    def is_signed(self, body: bytes) -> bool:
        """AWS's Signature Version 4, in the header or in the address."""
        given = {name: values[0] for name, values in self.query.items()}
        if "X-Amz-Signature" in given:
            begun = datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%S%z")
            age = time.time() - begun.timestamp()
            names, shown = given["X-Amz-SignedHeaders"], given["X-Amz-Signature"]
            credential, date, payload = given["X-Amz-Credential"], given["X-Amz-Date"], ""
            if age > int(given["X-Amz-Expires"]):
                return False
        else:
            text = self.headers.get("authorization", "")
            pairs = dict(re.findall(r"(\w+)=([^,\s]+)", text))
            if not pairs:
                return False
            names, shown = pairs["SignedHeaders"], pairs["Signature"]
            credential, date = pairs["Credential"], self.headers["x-amz-date"]
            payload = self.headers["x-amz-content-sha256"]
            if payload not in ("UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
                return False
        key_id, _, scope = credential.partition("/")
        wanted = self.signature(names, date, scope, payload or "UNSIGNED-PAYLOAD")
        return key_id == KEY_ID and hmac.compare_digest(wanted, shown)

    def signature(self, names: str, date: str, scope: str, payload: str) -> str:
        pairs = (pair for pair in self.url.query.split("&") if pair)
        pairs = (pair if "=" in pair else f"{pair}=" for pair in pairs)
        query = "&".join(sorted(p for p in pairs if not p.startswith("X-Amz-Signature=")))
        headers = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names.split(";"))
        canonical = "\n".join((self.command, self.url.path, query, headers, names, payload))
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"AWS4{SECRET}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        text = "\n".join(("AWS4-HMAC-SHA256", date, scope, hashed))
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    print(server.server_port, flush=True)
    sys.stdout.close()
    server.serve_forever()
