"""The first program of README.md#quickstart, with all types. Never run: mypy and pyright read it."""

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, FastAPI

from authwire import AuthConfig, Request, Session, User
from authwire.integrations.fastapi import FastAPIAuth
from authwire.providers import Credentials, FormField


def check(form: Mapping[str, Any], request: Request) -> User | None:
    return User(id="1", name="Ada") if form.get("password") == "lovelace" else None


password = Credentials(authorize=check, fields={"password": FormField(type="password")})
auth = FastAPIAuth(AuthConfig(providers=[password]))
app = FastAPI()
app.include_router(auth.router)


@app.get("/")
def home(
    session: Session = Depends(auth.required),  # noqa: B008, FAST002  # shorter for a first look
) -> dict[str, str | None]:
    return {"hello": session.user.name}
