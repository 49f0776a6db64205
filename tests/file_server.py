"""A server of files on this machine, which breaks off, refuses and changes as a test wants it."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer:
    """What it serves, how, and what it was asked for."""

    def __init__(self):
        self.files = {}
        self.version = '"1"'
        self.knows_ranges = True
        self.tells_length = True
        #: Whether it sends the whole, and says so, whatever part it was asked for.
        self.sends_wrong_part = False
        #: After how many bytes the next answers break off; the others are whole.
        self.breaks = []
        #: Nothing more is sent after a break, and the connection stays open, until this is set.
        self.hang = None
        #: The numbers of the next answers, in place of files.
        self.refusals = []
        #: (path, Range) of each request.
        self.asked = []
        self.address = ""

    @property
    def ranges(self):
        return [span for _, span in self.asked]


@contextmanager
def serving():
    served = FileServer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            span = self.headers.get("Range")
            served.asked.append((self.path, span))
            if served.refusals:
                self.send_error(served.refusals.pop(0))
                return
            whole = served.files.get(self.path)
            if whole is None:
                self.send_error(404)
                return
            start = 0
            same = self.headers.get("If-Range") in (None, served.version)
            if span and served.knows_ranges and same:
                start = int(span.removeprefix("bytes=").rstrip("-"))
                if served.sends_wrong_part:
                    start = 0
                if start >= len(whole):
                    self.send_error(416)
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
            else:
                self.send_response(200)
            if served.version:
                self.send_header("ETag", served.version)
            body = whole[start:]
            if served.tells_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not served.breaks:
                self.wfile.write(body)
                return
            self.wfile.write(body[: served.breaks.pop(0)])
            self.wfile.flush()
            if served.hang is not None:
                served.hang.wait(60)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
