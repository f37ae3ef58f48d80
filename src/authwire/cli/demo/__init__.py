"""The demo app: what a small app with Authwire looks like, and five ways to sign in to it."""
