from __future__ import annotations

import pytest

from authwire.providers import GitLab


@pytest.mark.parametrize(
    ("base_url", "base"),
    [
        ("https://git.corp.example", "https://git.corp.example"),
        ("https://git.corp.example/", "https://git.corp.example"),
        ("https://corp.example/gitlab", "https://corp.example/gitlab"),
    ],
)
def test_own_gitlab_is_asked_at_its_own_address(base_url: str, base: str) -> None:
    provider = GitLab(base_url=base_url)
    assert provider.authorization == f"{base}/oauth/authorize"
    assert provider.token == f"{base}/oauth/token"
    assert provider.userinfo == f"{base}/api/v4/user"
