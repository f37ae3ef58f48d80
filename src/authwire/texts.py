"""All words that a person can see, in English. Translate by making another `Texts`.

``{provider}`` and ``{host}`` are filled in where a field's words show them, ``{email}`` in
``confirm_message``; markup is escaped. A placeholder may be left out or moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The words of the built-in pages and of the magic-link mail."""

    lang: str = "en"
    """BCP 47 tag, for the page's ``lang``."""
    dir: Literal["ltr", "rtl"] = "ltr"

    # --- sign-in page -------------------------------------------------------------------------

    signin_title: str = "Sign In"
    """Of the browser's tab, as are all ``…_title`` fields."""
    signin_heading: str = "Sign in"
    signin_intro: str = "to continue to {host}"
    signin_with: str = "Sign in with {provider}"
    """A provider's button."""
    signin_submit: str = "Sign in"
    """The button of a form with a password, when it is the only one of its kind."""
    email_submit: str = "Continue with email"
    """The button of the magic-link form, when it is the only one of its kind."""
    email_label: str = "Email"
    email_placeholder: str = "you@example.com"
    divider: str = "or"
    """Between the buttons and a form."""
    passkey_cancelled: str = "No passkey was used. Try again, or sign in another way."
    """The browser does not tell why: it was called off, took too long, or there is none."""
    passkey_missing: str = (
        "No passkey was used. This device has none of its own: take your phone or a security key, or"
        " sign in another way."
    )
    """As `passkey_cancelled`, where nothing is built in that could hold a passkey."""
    passkey_unsupported: str = "This browser or device cannot use passkeys here."
    passkey_registered: str = "This device has a passkey for you already. Sign in with that one."
    passkey_invalid: str = "That does not look right. Check what you typed."
    """No address, or one that cannot be used."""
    passkey_needs_script: str = "Passkeys need JavaScript, which is switched off here."
    signin_empty: str = "No way to sign in has been set up yet."
    """Shown when no provider has anything to show."""

    # --- errors on the sign-in page, by the word in ``?error=`` ---------------------------------

    error_signin: str = "You could not be signed in. Please try again."
    """Any word that has no sentence of its own, ``Signin`` and ``Callback``."""
    error_oauth: str = "That did not work out. Try again, or sign in another way."
    """``OAuthSignin``, ``OAuthCallbackError``, ``OAuthCreateAccount``, ``EmailCreateAccount``."""
    error_account_not_linked: str = (
        "There is an account with this email already. Sign in the way you did the first time."
    )
    """``OAuthAccountNotLinked`` and ``AccountNotLinked``."""
    error_email: str = "We could not send the email. Please try again later."
    """``EmailSignin``."""
    error_credentials: str = "These details do not match. Check them and try again."
    """``CredentialsSignin``."""
    error_session_required: str = "Please sign in to see that page."
    """``SessionRequired``."""
    error_csrf: str = "This page was open for too long. Please try once more."
    """``MissingCSRF``."""
    error_webauthn: str = "Your passkey could not be checked. Try again, or sign in another way."
    """``WebAuthnVerificationError``."""
    error_configuration: str = "Signing in does not work right now. Please try again later."
    """``Configuration``."""

    # --- error page ---------------------------------------------------------------------------

    error_title: str = "Error"
    error_heading: str = "Something went wrong"
    error_message: str = "You could not be signed in. Please start again."
    configuration_heading: str = "It's not you, it's us"
    configuration_message: str = (
        "Signing in is not set up correctly here. If you run this site, its log has the reason."
    )
    access_denied_heading: str = "No access"
    access_denied_message: str = "This account may not sign in here."
    verification_heading: str = "This link has ended"
    verification_message: str = "It was used before, or it is too old. Ask for a new one."
    error_signin_link: str = "Sign in"
    back_link: str = "Back to {host}"
    """Here and on the page after a magic link was asked for."""

    # --- sign-out page ------------------------------------------------------------------------

    signout_title: str = "Sign Out"
    signout_heading: str = "Sign out?"
    signout_message: str = "This ends your session at {host} in this browser."
    signout_submit: str = "Sign out"
    signout_cancel: str = "Stay signed in"

    # --- after a magic link was asked for -----------------------------------------------------

    verify_title: str = "Verify Request"
    verify_heading: str = "Check your inbox"
    verify_message: str = (
        "We sent you an email with a link. Open it to finish signing in to {host}."
    )
    verify_hint: str = "Nothing there? Have a look at the spam folder."

    # --- confirming a magic link --------------------------------------------------------------

    confirm_title: str = "Sign In"
    confirm_heading: str = "Almost there"
    confirm_message: str = "Sign in to {host} as {email}?"
    confirm_message_anonymous: str = "Sign in to {host}?"
    """When the address is not known."""
    confirm_submit: str = "Sign in"

    # --- the mail with the magic link -----------------------------------------------------------

    mail_subject: str = "Sign in to {host}"
    mail_heading: str = "Sign in to {host}"
    mail_intro: str = "Use this button to sign in. It works only once."
    mail_intro_text: str = "Open this address to sign in. It works only once."
    """`mail_intro` for the part without markup, which has no button."""
    mail_button: str = "Sign in"
    mail_fallback: str = "If the button does not work, copy this address into your browser:"
    mail_ignore: str = "You did not ask for this? Then nothing needs to be done."
