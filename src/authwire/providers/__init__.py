"""Ways to sign in. Each provider is one module; a module is loaded when its name is first used.

For a service that is not here write an `OIDC` or `OAuth2` value: what ships is no different.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from authwire.providers._types import (
    OIDC,
    Credentials,
    Email,
    FormField,
    OAuth2,
    Style,
    VerificationRequest,
    WebAuthn,
)
from authwire.providers._webauthn import (
    AuthenticationOptions,
    RegistrationOptions,
    RelyingParty,
    UserInfo,
    VerifyAuthenticationOptions,
    VerifyRegistrationOptions,
)

if TYPE_CHECKING:
    from authwire.providers.airtable import Airtable
    from authwire.providers.amazon import Amazon
    from authwire.providers.apple import Apple
    from authwire.providers.asana import Asana
    from authwire.providers.asgardeo import Asgardeo
    from authwire.providers.atlassian import Atlassian
    from authwire.providers.auth0 import Auth0
    from authwire.providers.authelia import Authelia
    from authwire.providers.authentik import Authentik
    from authwire.providers.autodesk import Autodesk
    from authwire.providers.azure_ad import AzureAD
    from authwire.providers.azure_ad_b2c import AzureADB2C
    from authwire.providers.azure_devops import AzureDevOps
    from authwire.providers.baidu import Baidu
    from authwire.providers.bankid_no import BankIDNorway
    from authwire.providers.basecamp import Basecamp
    from authwire.providers.battlenet import BattleNet
    from authwire.providers.beyondidentity import BeyondIdentity
    from authwire.providers.bitbucket import Bitbucket
    from authwire.providers.box import Box
    from authwire.providers.boxyhq_saml import SAMLJackson
    from authwire.providers.bungie import Bungie
    from authwire.providers.calendly import Calendly
    from authwire.providers.canva import Canva
    from authwire.providers.casdoor import Casdoor
    from authwire.providers.cern import CERN
    from authwire.providers.cilogon import CILogon
    from authwire.providers.clerk import Clerk
    from authwire.providers.clever import Clever
    from authwire.providers.click_up import ClickUp
    from authwire.providers.cloudflare_access import CloudflareAccess
    from authwire.providers.codeberg import Codeberg
    from authwire.providers.cognito import Cognito
    from authwire.providers.coinbase import Coinbase
    from authwire.providers.concept2 import Concept2
    from authwire.providers.curity import Curity
    from authwire.providers.descope import Descope
    from authwire.providers.deviantart import DeviantArt
    from authwire.providers.dex import Dex
    from authwire.providers.digitalocean import DigitalOcean
    from authwire.providers.discord import Discord
    from authwire.providers.disqus import Disqus
    from authwire.providers.docusign import Docusign
    from authwire.providers.dribbble import Dribbble
    from authwire.providers.dropbox import Dropbox
    from authwire.providers.duende_identity_server6 import DuendeIdentityServer6
    from authwire.providers.epic_games import EpicGames
    from authwire.providers.eventbrite import Eventbrite
    from authwire.providers.eveonline import EVEOnline
    from authwire.providers.facebook import Facebook
    from authwire.providers.faceit import FACEIT
    from authwire.providers.feide import Feide
    from authwire.providers.feishu import Feishu
    from authwire.providers.figma import Figma
    from authwire.providers.forgejo import Forgejo
    from authwire.providers.forwardemail import ForwardEmail
    from authwire.providers.foursquare import Foursquare
    from authwire.providers.freshbooks import Freshbooks
    from authwire.providers.frontegg import Frontegg
    from authwire.providers.frontier import Frontier
    from authwire.providers.fusionauth import FusionAuth
    from authwire.providers.gitea import Gitea
    from authwire.providers.gitee import Gitee
    from authwire.providers.github import GitHub
    from authwire.providers.gitlab import GitLab
    from authwire.providers.globus import Globus
    from authwire.providers.google import Google
    from authwire.providers.govuk_one_login import GovUKOneLogin
    from authwire.providers.gumroad import Gumroad
    from authwire.providers.harvest import Harvest
    from authwire.providers.heroku import Heroku
    from authwire.providers.hubspot import HubSpot
    from authwire.providers.huggingface import Huggingface
    from authwire.providers.hydra import OryHydra
    from authwire.providers.identity_server4 import IdentityServer4
    from authwire.providers.instagram import Instagram
    from authwire.providers.jumpcloud import JumpCloud
    from authwire.providers.kakao import Kakao
    from authwire.providers.kanidm import Kanidm
    from authwire.providers.keycloak import Keycloak
    from authwire.providers.kick import Kick
    from authwire.providers.kinde import Kinde
    from authwire.providers.lark import Lark
    from authwire.providers.line import LINE
    from authwire.providers.linear import Linear
    from authwire.providers.linkedin import LinkedIn
    from authwire.providers.login_gov import LoginGov
    from authwire.providers.logto import Logto
    from authwire.providers.loops import Loops
    from authwire.providers.mailchimp import Mailchimp
    from authwire.providers.mailgun import MailGun
    from authwire.providers.mailru import Mailru
    from authwire.providers.mastodon import Mastodon
    from authwire.providers.mattermost import Mattermost
    from authwire.providers.medium import Medium
    from authwire.providers.meetup import Meetup
    from authwire.providers.microsoft_entra_id import MicrosoftEntraID
    from authwire.providers.miro import Miro
    from authwire.providers.mozilla import Mozilla
    from authwire.providers.musicbrainz import MusicBrainz
    from authwire.providers.naver import Naver
    from authwire.providers.netlify import Netlify
    from authwire.providers.netsuite import NetSuite
    from authwire.providers.nextcloud import Nextcloud
    from authwire.providers.nodemailer import Nodemailer
    from authwire.providers.notion import Notion
    from authwire.providers.odnoklassniki import Odnoklassniki
    from authwire.providers.okta import Okta
    from authwire.providers.onelogin import OneLogin
    from authwire.providers.openstreetmap import OpenStreetMap
    from authwire.providers.orcid import ORCID
    from authwire.providers.ory import Ory
    from authwire.providers.osso import Osso
    from authwire.providers.osu import Osu
    from authwire.providers.passage import Passage
    from authwire.providers.passkey import Passkey
    from authwire.providers.patreon import Patreon
    from authwire.providers.paypal import PayPal
    from authwire.providers.ping_id import PingId
    from authwire.providers.pinterest import Pinterest
    from authwire.providers.pipedrive import Pipedrive
    from authwire.providers.pocket_id import PocketID
    from authwire.providers.polar import Polar
    from authwire.providers.postmark import Postmark
    from authwire.providers.producthunt import ProductHunt
    from authwire.providers.quickbooks import QuickBooks
    from authwire.providers.railway import Railway
    from authwire.providers.rauthy import Rauthy
    from authwire.providers.reddit import Reddit
    from authwire.providers.resend import Resend
    from authwire.providers.roblox import Roblox
    from authwire.providers.salesforce import Salesforce
    from authwire.providers.school42 import FortyTwo
    from authwire.providers.sendgrid import SendGrid
    from authwire.providers.seznam import Seznam
    from authwire.providers.shopify import Shopify
    from authwire.providers.simplelogin import SimpleLogin
    from authwire.providers.slack import Slack
    from authwire.providers.snapchat import Snapchat
    from authwire.providers.soundcloud import SoundCloud
    from authwire.providers.spotify import Spotify
    from authwire.providers.stackexchange import StackExchange
    from authwire.providers.strava import Strava
    from authwire.providers.stripe import Stripe
    from authwire.providers.surfconext import SURFconext
    from authwire.providers.threads import Threads
    from authwire.providers.tiktok import TikTok
    from authwire.providers.todoist import Todoist
    from authwire.providers.trainingpeaks import TrainingPeaks
    from authwire.providers.trakt import Trakt
    from authwire.providers.trovo import Trovo
    from authwire.providers.twitch import Twitch
    from authwire.providers.twitter import Twitter
    from authwire.providers.typeform import Typeform
    from authwire.providers.united_effects import UnitedEffects
    from authwire.providers.unsplash import Unsplash
    from authwire.providers.vercel import Vercel
    from authwire.providers.vimeo import Vimeo
    from authwire.providers.vipps import Vipps
    from authwire.providers.vk import VK
    from authwire.providers.wahoo import Wahoo
    from authwire.providers.webex import Webex
    from authwire.providers.wechat import WeChat
    from authwire.providers.weibo import Weibo
    from authwire.providers.wikimedia import Wikimedia
    from authwire.providers.withings import Withings
    from authwire.providers.wordpress import WordPress
    from authwire.providers.workos import WorkOS
    from authwire.providers.xero import Xero
    from authwire.providers.yahoo import Yahoo
    from authwire.providers.yandex import Yandex
    from authwire.providers.ynab import YNAB
    from authwire.providers.zendesk import Zendesk
    from authwire.providers.zitadel import ZITADEL
    from authwire.providers.zoho import Zoho
    from authwire.providers.zoom import Zoom

__all__ = [
    "CERN",
    "FACEIT",
    "LINE",
    "OIDC",
    "ORCID",
    "VK",
    "YNAB",
    "ZITADEL",
    "Airtable",
    "Amazon",
    "Apple",
    "Asana",
    "Asgardeo",
    "Atlassian",
    "Auth0",
    "Authelia",
    "AuthenticationOptions",
    "Authentik",
    "Autodesk",
    "AzureAD",
    "AzureADB2C",
    "AzureDevOps",
    "Baidu",
    "BankIDNorway",
    "Basecamp",
    "BattleNet",
    "BeyondIdentity",
    "Bitbucket",
    "Box",
    "Bungie",
    "CILogon",
    "Calendly",
    "Canva",
    "Casdoor",
    "Clerk",
    "Clever",
    "ClickUp",
    "CloudflareAccess",
    "Codeberg",
    "Cognito",
    "Coinbase",
    "Concept2",
    "Credentials",
    "Curity",
    "Descope",
    "DeviantArt",
    "Dex",
    "DigitalOcean",
    "Discord",
    "Disqus",
    "Docusign",
    "Dribbble",
    "Dropbox",
    "DuendeIdentityServer6",
    "EVEOnline",
    "Email",
    "EpicGames",
    "Eventbrite",
    "Facebook",
    "Feide",
    "Feishu",
    "Figma",
    "Forgejo",
    "FormField",
    "FortyTwo",
    "ForwardEmail",
    "Foursquare",
    "Freshbooks",
    "Frontegg",
    "Frontier",
    "FusionAuth",
    "GitHub",
    "GitLab",
    "Gitea",
    "Gitee",
    "Globus",
    "Google",
    "GovUKOneLogin",
    "Gumroad",
    "Harvest",
    "Heroku",
    "HubSpot",
    "Huggingface",
    "IdentityServer4",
    "Instagram",
    "JumpCloud",
    "Kakao",
    "Kanidm",
    "Keycloak",
    "Kick",
    "Kinde",
    "Lark",
    "Linear",
    "LinkedIn",
    "LoginGov",
    "Logto",
    "Loops",
    "MailGun",
    "Mailchimp",
    "Mailru",
    "Mastodon",
    "Mattermost",
    "Medium",
    "Meetup",
    "MicrosoftEntraID",
    "Miro",
    "Mozilla",
    "MusicBrainz",
    "Naver",
    "NetSuite",
    "Netlify",
    "Nextcloud",
    "Nodemailer",
    "Notion",
    "OAuth2",
    "Odnoklassniki",
    "Okta",
    "OneLogin",
    "OpenStreetMap",
    "Ory",
    "OryHydra",
    "Osso",
    "Osu",
    "Passage",
    "Passkey",
    "Patreon",
    "PayPal",
    "PingId",
    "Pinterest",
    "Pipedrive",
    "PocketID",
    "Polar",
    "Postmark",
    "ProductHunt",
    "QuickBooks",
    "Railway",
    "Rauthy",
    "Reddit",
    "RegistrationOptions",
    "RelyingParty",
    "Resend",
    "Roblox",
    "SAMLJackson",
    "SURFconext",
    "Salesforce",
    "SendGrid",
    "Seznam",
    "Shopify",
    "SimpleLogin",
    "Slack",
    "Snapchat",
    "SoundCloud",
    "Spotify",
    "StackExchange",
    "Strava",
    "Stripe",
    "Style",
    "Threads",
    "TikTok",
    "Todoist",
    "TrainingPeaks",
    "Trakt",
    "Trovo",
    "Twitch",
    "Twitter",
    "Typeform",
    "UnitedEffects",
    "Unsplash",
    "UserInfo",
    "Vercel",
    "VerificationRequest",
    "VerifyAuthenticationOptions",
    "VerifyRegistrationOptions",
    "Vimeo",
    "Vipps",
    "Wahoo",
    "WeChat",
    "WebAuthn",
    "Webex",
    "Weibo",
    "Wikimedia",
    "Withings",
    "WordPress",
    "WorkOS",
    "Xero",
    "Yahoo",
    "Yandex",
    "Zendesk",
    "Zoho",
    "Zoom",
]

_MODULES = {
    "CERN": "cern",
    "FACEIT": "faceit",
    "LINE": "line",
    "ORCID": "orcid",
    "VK": "vk",
    "YNAB": "ynab",
    "ZITADEL": "zitadel",
    "Airtable": "airtable",
    "Amazon": "amazon",
    "Apple": "apple",
    "Asana": "asana",
    "Asgardeo": "asgardeo",
    "Atlassian": "atlassian",
    "Auth0": "auth0",
    "Authelia": "authelia",
    "Authentik": "authentik",
    "Autodesk": "autodesk",
    "AzureAD": "azure_ad",
    "AzureADB2C": "azure_ad_b2c",
    "AzureDevOps": "azure_devops",
    "Baidu": "baidu",
    "BankIDNorway": "bankid_no",
    "Basecamp": "basecamp",
    "BattleNet": "battlenet",
    "BeyondIdentity": "beyondidentity",
    "Bitbucket": "bitbucket",
    "Box": "box",
    "Bungie": "bungie",
    "CILogon": "cilogon",
    "Calendly": "calendly",
    "Canva": "canva",
    "Casdoor": "casdoor",
    "Clerk": "clerk",
    "Clever": "clever",
    "ClickUp": "click_up",
    "CloudflareAccess": "cloudflare_access",
    "Codeberg": "codeberg",
    "Cognito": "cognito",
    "Coinbase": "coinbase",
    "Concept2": "concept2",
    "Curity": "curity",
    "Descope": "descope",
    "DeviantArt": "deviantart",
    "Dex": "dex",
    "DigitalOcean": "digitalocean",
    "Discord": "discord",
    "Disqus": "disqus",
    "Docusign": "docusign",
    "Dribbble": "dribbble",
    "Dropbox": "dropbox",
    "DuendeIdentityServer6": "duende_identity_server6",
    "EVEOnline": "eveonline",
    "EpicGames": "epic_games",
    "Eventbrite": "eventbrite",
    "Facebook": "facebook",
    "Feide": "feide",
    "Feishu": "feishu",
    "Figma": "figma",
    "Forgejo": "forgejo",
    "FortyTwo": "school42",
    "ForwardEmail": "forwardemail",
    "Foursquare": "foursquare",
    "Freshbooks": "freshbooks",
    "Frontegg": "frontegg",
    "Frontier": "frontier",
    "FusionAuth": "fusionauth",
    "GitHub": "github",
    "GitLab": "gitlab",
    "Gitea": "gitea",
    "Gitee": "gitee",
    "Globus": "globus",
    "Google": "google",
    "GovUKOneLogin": "govuk_one_login",
    "Gumroad": "gumroad",
    "Harvest": "harvest",
    "Heroku": "heroku",
    "HubSpot": "hubspot",
    "Huggingface": "huggingface",
    "IdentityServer4": "identity_server4",
    "Instagram": "instagram",
    "JumpCloud": "jumpcloud",
    "Kakao": "kakao",
    "Kanidm": "kanidm",
    "Keycloak": "keycloak",
    "Kick": "kick",
    "Kinde": "kinde",
    "Lark": "lark",
    "Linear": "linear",
    "LinkedIn": "linkedin",
    "LoginGov": "login_gov",
    "Logto": "logto",
    "Loops": "loops",
    "MailGun": "mailgun",
    "Mailchimp": "mailchimp",
    "Mailru": "mailru",
    "Mastodon": "mastodon",
    "Mattermost": "mattermost",
    "Medium": "medium",
    "Meetup": "meetup",
    "MicrosoftEntraID": "microsoft_entra_id",
    "Miro": "miro",
    "Mozilla": "mozilla",
    "MusicBrainz": "musicbrainz",
    "Naver": "naver",
    "NetSuite": "netsuite",
    "Netlify": "netlify",
    "Nextcloud": "nextcloud",
    "Nodemailer": "nodemailer",
    "Notion": "notion",
    "Odnoklassniki": "odnoklassniki",
    "Okta": "okta",
    "OneLogin": "onelogin",
    "OpenStreetMap": "openstreetmap",
    "Ory": "ory",
    "OryHydra": "hydra",
    "Osso": "osso",
    "Osu": "osu",
    "Passage": "passage",
    "Passkey": "passkey",
    "Patreon": "patreon",
    "PayPal": "paypal",
    "PingId": "ping_id",
    "Pinterest": "pinterest",
    "Pipedrive": "pipedrive",
    "PocketID": "pocket_id",
    "Polar": "polar",
    "Postmark": "postmark",
    "ProductHunt": "producthunt",
    "QuickBooks": "quickbooks",
    "Railway": "railway",
    "Rauthy": "rauthy",
    "Reddit": "reddit",
    "Resend": "resend",
    "Roblox": "roblox",
    "SAMLJackson": "boxyhq_saml",
    "SURFconext": "surfconext",
    "Salesforce": "salesforce",
    "SendGrid": "sendgrid",
    "Seznam": "seznam",
    "Shopify": "shopify",
    "SimpleLogin": "simplelogin",
    "Slack": "slack",
    "Snapchat": "snapchat",
    "SoundCloud": "soundcloud",
    "Spotify": "spotify",
    "StackExchange": "stackexchange",
    "Strava": "strava",
    "Stripe": "stripe",
    "Threads": "threads",
    "TikTok": "tiktok",
    "Todoist": "todoist",
    "TrainingPeaks": "trainingpeaks",
    "Trakt": "trakt",
    "Trovo": "trovo",
    "Twitch": "twitch",
    "Twitter": "twitter",
    "Typeform": "typeform",
    "UnitedEffects": "united_effects",
    "Unsplash": "unsplash",
    "Vercel": "vercel",
    "Vimeo": "vimeo",
    "Vipps": "vipps",
    "Wahoo": "wahoo",
    "WeChat": "wechat",
    "Webex": "webex",
    "Weibo": "weibo",
    "Wikimedia": "wikimedia",
    "Withings": "withings",
    "WordPress": "wordpress",
    "WorkOS": "workos",
    "Xero": "xero",
    "Yahoo": "yahoo",
    "Yandex": "yandex",
    "Zendesk": "zendesk",
    "Zoho": "zoho",
    "Zoom": "zoom",
}


def __getattr__(name: str) -> Any:
    """Load a factory's module on first use (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    factory = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = factory
    return factory


def __dir__() -> list[str]:
    return __all__
