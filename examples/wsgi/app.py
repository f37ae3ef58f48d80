"""Any WSGI app. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) gunicorn examples.wsgi.app:app --bind localhost:8000 --threads 4
"""

from collections.abc import Iterable
from urllib.parse import parse_qs

from authwire import SyncAuth
from authwire.integrations.wsgi import AuthMiddleware, session
from authwire.runtime.wsgi import Environ, StartResponse
from examples.shared import config, greeting, home_page, is_ada

auth = SyncAuth(config)
TEXT = ("Content-Type", "text/plain; charset=utf-8")


def site(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    current = session(environ, auth)
    status, header, text = "200 OK", TEXT, ""
    match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
        case "GET", "/":
            header, text = ("Content-Type", "text/html; charset=utf-8"), home_page(current)
        case "GET", "/ada" if not (current and is_ada(current)):
            status, text = "403 Forbidden", "Only Ada may see this."
        case "GET", "/me" | "/ada":
            text = f"This is the page of {greeting(current)}."
        case "POST", "/rename":
            form = parse_qs(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
            environ["authwire"].update_session({"name": form["name"][0]})
            status, header = "303 See Other", ("Location", "/")
        case _:
            status, text = "404 Not Found", "There is no such page."
    start_response(status, [header])
    return [text.encode()]


app = AuthMiddleware(site, auth, protect=["/me", "/ada", "/rename"])
