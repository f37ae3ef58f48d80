"""Any ASGI app. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) uvicorn examples.asgi.app:app --port 8000
"""

from urllib.parse import parse_qs

from authwire import Auth
from authwire.integrations.asgi import AuthMiddleware, session
from authwire.runtime.asgi import Receive, Scope, Send, read_body
from examples.shared import config, greeting, home_page, is_ada

auth = Auth(config)


async def site(scope: Scope, receive: Receive, send: Send) -> None:
    current = await session(scope, auth)
    status, headers, text = 200, {"content-type": "text/plain; charset=utf-8"}, ""
    match scope["method"], scope["path"]:
        case "GET", "/":
            headers, text = {"content-type": "text/html; charset=utf-8"}, home_page(current)
        case "GET", "/ada" if not (current and is_ada(current)):
            status, text = 403, "Only Ada may see this."
        case "GET", "/me" | "/ada":
            text = f"This is the page of {greeting(current)}."
        case "POST", "/rename":
            form = parse_qs((await read_body(receive)).decode())
            visit = scope["authwire"]
            await visit.update_session({"name": form["name"][0]}, visit.jar)
            status, headers = 303, {"location": "/"}
        case _:
            status, text = 404, "There is no such page."
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": text.encode()})


app = AuthMiddleware(site, auth, protect=["/me", "/ada", "/rename"])
