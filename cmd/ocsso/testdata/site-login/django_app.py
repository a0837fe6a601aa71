"""Runs a Django view, with Django's answers where it is installed. Its argument is the view's folder."""
import http.server
import json
import sys
import types

try:
    from django.conf import settings
    settings.configure(DEFAULT_CHARSET="utf-8")
except ImportError:
    class HttpResponse(dict):
        def __init__(self, content=b"", status=200):
            super().__init__({"Content-Type": "text/html; charset=utf-8"})
            self.content, self.status_code = content, status

    class JsonResponse(HttpResponse):
        def __init__(self, data):
            super().__init__(json.dumps(data).encode())
            self["Content-Type"] = "application/json"

    sys.modules["django"] = types.ModuleType("django")
    sys.modules["django.http"] = types.SimpleNamespace(HttpResponse=HttpResponse, JsonResponse=JsonResponse)

sys.path.insert(0, sys.argv[1])
from whoami import whoami  # noqa: E402


class Minji:
    is_authenticated, last_name, first_name = True, "김", "민지"
    email, phone = "minji@example.com", "010-1234-5678"

    def get_username(self):
        return "minji"


class Nobody:
    is_authenticated = False


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        user = Minji() if self.headers.get("Cookie") == "sid=minji" else Nobody()
        response = whoami(types.SimpleNamespace(user=user, headers=self.headers))
        self.send_response(response.status_code)
        for name, value in response.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        self.wfile.write(response.content)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
