"""The demo app: what a small app with Authwire looks like, and four ways to sign in to it."""
