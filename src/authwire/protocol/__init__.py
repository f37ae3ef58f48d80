"""The standards as pure functions.

``build_*request`` makes a request, ``process_*response`` judges the answer. Nothing here sends
anything, reads a clock or a configuration, or keeps state.

* ``jwe``          the session token (RFC 7516)
* ``oauth2``       authorization code, refresh, revocation, userinfo, PAR (RFC 6749, 7009, 9126)
* ``oidc``         ID tokens (OpenID Connect Core)
* ``discovery``    server metadata and key sets (OpenID Connect Discovery, RFC 8414, RFC 7517)
* ``client_auth``  how a client proves itself at an endpoint (RFC 6749 §2.3, RFC 7523)
* ``pkce``         RFC 7636
* ``dpop``         RFC 9449

Underneath: ``urls``, ``endpoints`` and ``answers`` (asking, and reading what comes back),
``encoding`` (base64url and JSON), ``keys`` and ``jws`` (RFC 7517, RFC 7515).
"""
