"""Where a project keeps its Alembic revisions, and writing one there."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import alembic
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError, rev_id

from authwire.cli.db.additions import Revision
from authwire.cli.db.outcome import Refused

__all__ = ["Scripts", "find_scripts"]


@dataclass(frozen=True, slots=True)
class Scripts:
    """A project's revisions."""

    directory: ScriptDirectory
    version_path: Path | None = None
    """Where the new one goes, if there are several places."""

    def head(self, wanted: str | None) -> str | None:
        """The revision to build on; None if there is none yet.

        Raises:
            Refused: if there are several and none is ``wanted``, or that one is none of them.
        """
        try:
            heads = self.directory.get_heads()
            if wanted is not None:
                scripts: Any = self.directory.get_revisions(wanted)  # None is the one for "base"
                named: list[str] = [each.revision for each in scripts if each is not None]
                if len(named) != 1 or named[0] not in heads:
                    raise Refused(f"{wanted} is no head; there is {', '.join(heads) or 'none yet'}")
                return named[0]
        except CommandError as exc:
            raise Refused(f"Alembic says: {exc}") from exc
        if len(heads) > 1:
            raise Refused(
                f"there are several heads ({', '.join(sorted(heads))}): say which one to build on"
                " with --head"
            )
        return heads[0] if heads else None

    def require_current(self, revision: Revision) -> None:
        """Refuse to write if revisions wait to be run: they may hold what is missing.

        Raises:
            Refused: with what to do.
        """
        try:
            has = set(self.directory.get_revisions(revision.current))
            if has == set(self.directory.get_revisions("heads")):
                return
        except CommandError as exc:
            raise Refused(f"Alembic says: {exc}") from exc
        raise Refused(
            "the database is not at the newest revision of this project: alembic upgrade head first"
        )

    def write(self, revision: Revision, *, head: str | None, message: str) -> Path:
        """Write the file and return its path.

        Raises:
            Refused: if Alembic cannot, or the project's template has no place for what it does.
        """
        try:
            script = self.directory.generate_revision(
                rev_id(),
                message,
                head=head or "head",
                version_path=self.version_path,
                upgrades=revision.upgrades,
                downgrades=revision.downgrades,
                imports=revision.imports,
            )
        except (CommandError, OSError) as exc:
            raise Refused(f"the revision cannot be written: {exc}") from exc
        if script is None:
            raise Refused("Alembic wrote a file that is no revision: look at script.py.mako")
        path = Path(script.path)
        first = revision.upgrades.splitlines()[0]
        if first not in path.read_text("utf-8"):
            path.unlink()
            raise Refused("the project's script.py.mako has no place for the operations")
        return path


def find_scripts(config: Path | None, output: Path | None) -> Scripts:
    """The revisions of the project that the arguments name, or of the one here.

    Raises:
        Refused: if there is none.
    """
    try:
        return _find(config, output)
    except CommandError as exc:
        raise Refused(f"Alembic says: {exc}") from exc


def _find(config: Path | None, output: Path | None) -> Scripts:
    if output is not None and not output.is_dir():
        raise Refused(f"there is no folder {output}")
    if config is not None:
        if not config.is_file():
            raise Refused(f"there is no file {config}")
        return Scripts(_configured(config), output)
    project = _config_in(output or Path())
    if project is not None:
        return Scripts(_configured(project))
    if output is None:
        raise Refused(
            "there is no alembic.ini here: alembic init migrations makes a project; or name its"
            " configuration with --config, or a folder for the revision with --output"
        )
    if (output / "script.py.mako").is_file():
        return Scripts(_quiet(ScriptDirectory(output)))
    # A folder of versions. Its project is usually the folder above.
    template = output.parent
    if not (template / "script.py.mako").is_file():
        template = Path(alembic.__file__).parent / "templates" / "generic"
    return Scripts(_quiet(ScriptDirectory(template, version_locations=[output.absolute()])))


def _config_in(folder: Path) -> Path | None:
    if (ini := folder / "alembic.ini").is_file():
        return ini
    toml = folder / "pyproject.toml"
    if toml.is_file() and "alembic" in tomllib.loads(toml.read_text("utf-8")).get("tool", {}):
        return toml
    return None


def _configured(path: Path) -> ScriptDirectory:
    options: dict[str, Any] = {"toml_file" if path.suffix == ".toml" else "file_": str(path)}
    settings = Config(**options)
    location = settings.get_main_option("script_location")
    # Alembic takes it from the current folder, but the project may be another one.
    if location and ":" not in location and not Path(location).is_dir():
        settings.set_main_option("script_location", str(path.absolute().parent / location))
    return _quiet(ScriptDirectory.from_config(settings))


def _quiet(directory: ScriptDirectory) -> ScriptDirectory:
    directory.messaging_opts = cast("Any", {"quiet": True})  # its type is not exported
    return directory
