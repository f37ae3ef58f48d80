"""The first program of README.md#quickstart, with all types. Never run: mypy and pyright read it."""

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, FastAPI
from authwire import AuthConfig, Session, User
from authwire.integrations.fastapi import FastAPIAuth
from authwire.providers import Credentials, FormField


def check(form: Mapping[str, Any], request: Request) -> User | None:  # yours: look the user up, verify a password hash
    return User(id="1", name="Ada") if form.get("password") == "lovelace" else None


password = Credentials(authorize=check, fields={"password": FormField(type="password")})
auth = FastAPIAuth(AuthConfig(providers=[password]))
app = FastAPI()
app.include_router(auth.router)


@app.get("/")
def home(session: Session = Depends(auth.required)):
    return {"hello": session.user.name}
