"""Words that the generated parts of the documentation need and the code does not hold.

``tests/test_maps.py`` fails if one of them is about nothing any more, if one is missing, and if the
cookies of real sign-ins come and go otherwise than ``COOKIES`` says.
"""

from __future__ import annotations

from typing import NamedTuple


class CookieFact(NamedTuple):
    life: str
    content: str
    set_by: tuple[str, ...]
    """Actions, as ``METHOD action``."""
    cleared_by: tuple[str, ...]


_ENTERED = (
    "GET csrf",
    "GET error",
    "GET session",
    "GET signin",
    "GET signout",
    "GET verify-request",
)
_CHECK = "15 minutes"

COOKIES = {
    "session_token": CookieFact(
        "`session.max_age`",
        "encrypted token, or the key of a row",
        ("GET callback", "POST callback", "GET session", "POST session"),
        ("GET session", "POST session", "POST signout"),
    ),
    "callback_url": CookieFact("until the browser closes", "URL of the own origin", _ENTERED, ()),
    "csrf_token": CookieFact(
        "until the browser closes", "`token|sha256(token + secret)`", _ENTERED, ()
    ),
    "pkce_code_verifier": CookieFact(
        _CHECK, "encrypted, names its provider", ("POST signin",), ("GET callback",)
    ),
    "state": CookieFact(
        _CHECK, "encrypted, names its provider", ("POST signin",), ("GET callback",)
    ),
    "nonce": CookieFact(
        _CHECK, "encrypted, names its provider", ("POST signin",), ("GET callback",)
    ),
    "webauthn_challenge": CookieFact(
        _CHECK, "encrypted, names its provider", ("GET webauthn-options",), ("POST callback",)
    ),
}

PATHS = {
    ("GET", "callback"): "/callback/{provider}",
    ("POST", "callback"): "/callback/{provider}",
    ("POST", "signin"): "/signin/{provider}",
    ("GET", "webauthn-options"): "/webauthn-options/{provider}",
}

FOLDED = ("sqlalchemy", "demo", "providers")
"""Folders that the tree names but does not list."""

ENVIRONMENT = {
    "AUTH_SECRET": "`secret`",
    "AUTH_SECRET_1": "a newer secret, for rotation; `_3` is newer than `_2`, and that than `_1`",
    "AUTH_SECRET_2": "see above",
    "AUTH_SECRET_3": "see above",
    "AUTH_URL": "`url`: the app's public address. Its path, if it has one, is the base path",
    "AUTH_TRUST_HOST": "`trust_host`: `true`, `false`, or hosts separated by commas",
    "AUTH_REDIRECT_PROXY_URL": "`redirect_proxy_url`",
    "AUTH_<ID>_ID": "`client_id` of the provider with that id, in capitals and `-` written as `_`",
    "AUTH_<ID>_SECRET": "`client_secret` of that provider",
    "AUTH_<ID>_ISSUER": "`issuer` of that provider",
    "AUTH_<ID>_KEY": "`api_key` of that mail provider",
}

OPTIONS = {
    "AuthorizedParams.request": "What is asked for.",
    "AuthorizedParams.session": "Who is signed in, or None.",
    "RedirectParams.url": "Where the browser asks to go.",
    "SignInParams.account": "Provider and account id; for OAuth also the tokens.",
    "JWTParams.user": "Who signs in. None except at sign-in.",
    "JWTParams.account": "The account used to sign in. None except at sign-in.",
    "JWTParams.tokens": "All that the token endpoint answered. None except at an OAuth sign-in.",
    "JWTParams.profile": "The provider's raw profile. None except at an OAuth sign-in.",
    "JWTParams.is_new_user": "Whether this sign-in made the user.",
    "JWTParams.trigger": "`signIn`, `signUp`, `update`, or None for a read.",
    "SessionParams.trigger": "`update` when the client or the server updates, else None.",
    "SignInEvent.user": "Who signed in.",
    "SignInEvent.account": "The account used.",
    "SignInEvent.tokens": "All that the token endpoint answered (OAuth).",
    "SignInEvent.profile": "The provider's raw profile (OAuth).",
    "CreateUserEvent.user": "The new row.",
    "UpdateUserEvent.user": "The row as it is now.",
    "LinkAccountEvent.user": "Whose account it is from now on.",
    "LinkAccountEvent.account": "The new row.",
    "SessionEvent.session": "What the browser got.",
    "SessionEvent.token": "The claims (JWT sessions).",
    "Events.sign_in": "Somebody signed in.",
    "Events.sign_out": "Somebody signed out.",
    "Events.create_user": "A user row was made.",
    "Events.update_user": "A user row was changed: an address was verified.",
    "Events.link_account": "An account was given to a user.",
    "Events.session": "The session endpoint was asked, or a session updated.",
    "JWTConfig.decode": "The way back; None for a token that is not valid.",
    "Pages.sign_out": "Asks whether to sign out.",
    "Theme.color_scheme": "`auto` follows the reader's setting.",
    "CookieConfig.name": "Another name. It is part of the key that encrypts the cookie.",
    "CookieConfig.http_only": "Out of reach of scripts. Leave it on.",
    "CookieConfig.same_site": "`none` only if another site must frame or post to yours.",
    "CookieConfig.path": "Only sent below this path.",
    "CookieConfig.secure": "Only sent over https.",
    "CookieConfig.domain": "Also sent to subdomains of this domain.",
    "CookieConfig.max_age": "Life in the browser.",
    "Cookies.session_token": "The session.",
    "Cookies.callback_url": "Where to go after the sign-in.",
    "Cookies.csrf_token": "Proves that a POST is from a page of yours.",
    "Cookies.pkce_code_verifier": "PKCE.",
    "Cookies.state": "OAuth state.",
    "Cookies.nonce": "OpenID Connect nonce.",
    "Cookies.webauthn_challenge": "For passkeys.",
    "Email.id": "Part of the URLs.",
    "Email.name": "For the form.",
    "Email.type": "Fixed.",
    "Email.normalize_identifier": "The address as it is stored; raises ValueError to refuse it.",
    "Email.style": "How the button looks.",
    "Credentials.id": "Part of the URLs.",
    "Credentials.name": "For the button.",
    "Credentials.type": "Fixed.",
    "Credentials.style": "How the button looks.",
    "FormField.label": "Default: the field's name.",
    "FormField.type": "Of the `<input>`.",
    "FormField.placeholder": "Of the `<input>`.",
    "FormField.required": "The browser insists on a value. Check it again in `authorize`.",
    "FormField.autocomplete": "What password managers go by.",
    "VerificationRequest.expires": "When the link ends.",
    "VerificationRequest.provider": "The `Email` value.",
    "VerificationRequest.request": "The request that asked for the link.",
}
"""Sentences for fields that have no docstring of their own."""

FAULTS = {
    "AsyncInSyncApp": "an async callable in a sync app",
    "InvalidEndpoints": "an address that is not https",
    "InvalidHttpClient": "an async client in a sync app, or the other way round",
}
"""What the fault is, where the source only repeats an error's words."""

PLACES = {
    "resolver.py": "a callback or hook",
    "cookies.py": "cookies.…",
    "theme.py": "theme.…, style.…",
}
"""The option at fault by source file, where it is not a provider."""

ANSWERS = {
    "ConfigError": ("nothing: the app does not start", "—", "—"),
    "UnknownAction": ('`"Bad request."`', "JSON", "400"),
    "InvalidCallbackUrl": ("`Configuration`", "error", "500"),
    "UntrustedHost": ("`Configuration`", "error", "500"),
    "EventError": ("nothing", "—", "—"),
    "JWTSessionError": ("no session", "—", "200"),
    "SessionTokenError": ("no session", "—", "200"),
    "SignOutError": ("nothing", "—", "—"),
}
"""Browser sees, page, status: for errors that are not answered by redirecting to a page."""

FIXES = {
    "ConfigError": "The message lists every fault at once, each with its fix. See"
    " [faults of a configuration](#faults-of-a-configuration). If the config is chosen by request, the"
    " answer is a 500 and the log has the list.",
    "EventLoopRequired": "Give the sync app a plain function or a sync engine, or run the app with"
    " `SyncAuth(config, runtime=PortalRuntime())`. See [sync](sync.md).",
    "CredentialsSignin": "Not a fault: somebody mistyped. To tell cases apart on your own page, raise"
    ' `CredentialsSignin(code="…")` in `authorize`. See [credentials](credentials.md).',
    "OAuthAccountNotLinked": "The user should sign in the way they did before, and then sign in with"
    " this provider again: that links it. See [linking](linking.md).",
    "AccountNotLinked": "As OAuthAccountNotLinked. Credentials meet it too, with a database, when the"
    " address of the user that `authorize` returned is another user's.",
    "OAuthCallbackError": "Often the user pressed *cancel*. If not, the log has the provider's words,"
    " such as an unknown scope or a policy that keeps this user out.",
    "MissingCSRF": "Your own form lacks the field `csrfToken` (take it from `GET /auth/csrf`), or the"
    " CSRF cookie did not come along: another host, `http` and `https` mixed, cookies blocked.",
    "OAuthSignInError": "For your own use in hooks: it sends the browser to the sign-in page without"
    " telling why.",
    "EmailSignInError": "The mail server refused or did not answer. The log says which and with what"
    " code, without the address. Check `Email(server=…, sender=…)`.",
    "AccessDenied": "Your `sign_in` callback returned False or failed. If it failed, the log has the"
    " exception.",
    "Verification": "The user should ask for a new link. If every link fails, something opens them"
    " first: set `Email(confirm=True)` so that a click is needed. See [e-mail](email.md).",
    "WebAuthnVerificationError": "The log says which check failed. If it is the origin or the relying"
    " party for everybody, compare the address in the browser with `RelyingParty`; a counter that went"
    " back may be a copied authenticator. See [passkeys](passkeys.md#when-it-does-not-work).",
    "CallbackRouteError": "Look at the cause in the log: an `authorize` or `profile` function that"
    " failed, or a provider that refused the code (a wrong client secret, usually).",
    "InvalidCheck": "The sign-in took longer than 15 minutes, was opened twice, began on another host"
    " (`localhost` is not `127.0.0.1`), or the cookies were blocked. If it happens to everybody, compare"
    " the address in the browser with the callback URL.",
    "OAuthProfileParseError": "Your `profile` function failed, or returned a user without `id`.",
    "PasskeyNotFound": "Only your own code sees it, from `auth.passkeys(request)`. Answer 404. See"
    " [passkeys](passkeys.md#an-account-page).",
    "LastWayIn": "Only your own code sees it, from `auth.passkeys(request)`. Tell the user to add"
    " another passkey first. See [passkeys](passkeys.md#an-account-page).",
    "SignOutError": "The browser is signed out all the same. A session row may be left in the"
    " database: look at the cause in the log.",
    "ProtocolError": "The provider's `issuer`, keys or endpoints are not what you configured; the"
    " message says which. The issuer must be spelled exactly as the provider's own document has it.",
    "ProviderUnreachable": "The network, a proxy or the provider is down. Time limits are 5 seconds to"
    " connect and 10 in all, unless you give your own `http_client`.",
    "UnknownAction": "The URL or the method is wrong. A sign-in is started by POST, not by a link.",
    "InvalidProvider": "The id in the URL is none of your providers. Ids are lower case:"
    " `/auth/signin/github`.",
    "InvalidCallbackUrl": "A link to your sign-in page has a `callbackUrl` that is no path and no"
    " http(s) URL.",
    "MalformedRequest": "A form lacks a field, or an address or URL in it cannot be used. The log says"
    " which.",
    "UntrustedHost": "Set `AUTH_URL`, or list the hosts that your app answers to:"
    ' `AuthConfig(trust_host=["app.example"])`. See [security](security.md#behind-a-proxy).',
    "AdapterError": "The database failed. Nobody is taken for signed out because of it: the session"
    " endpoint answers 500. The log names the method and the driver's error class, never the values.",
    "EventError": "An event handler of yours failed. Nothing else changed.",
    "JWTSessionError": "The session cookie is expired, altered, or was made with another secret or"
    " cookie name; or your `jwt` or `session` callback failed. The cookie is cleared.",
    "SessionTokenError": "Your `session` callback failed.",
}
"""What to do about each error."""
