"""The mail with the magic link: tables and inline styles, as mail clients want it.

The address it goes to is never part of it: whoever asks for a link chooses that text, and somebody
else reads it.
"""

from __future__ import annotations

from urllib.parse import urljoin

from markupsafe import Markup

from authwire.config import Theme
from authwire.pages.template import clean, fill_text, plain_text
from authwire.pages.theme import DARK, LIGHT, Palette, image_source
from authwire.ports import MailMessage
from authwire.texts import Texts

__all__ = ["magic_link"]

_FONT = Markup("font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif")
_HTML = Markup(
    """\
<!doctype html>
<html lang="{lang}" dir="{dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{schemes}">
<meta name="supported-color-schemes" content="{schemes}">
<title>{subject}</title>{dark}
</head>
<body class="page" style="margin:0;padding:0;background:{page}">
<table role="presentation" class="page" width="100%" border="0" cellspacing="0" cellpadding="0" \
bgcolor="{page}">
<tr><td align="center" style="padding:32px 12px">
<table role="presentation" class="card" width="100%" border="0" cellspacing="0" cellpadding="0" \
bgcolor="{card}" style="max-width:480px;border:1px solid {line};border-radius:16px;\
border-collapse:separate">
<tr><td class="text" align="center" style="padding:36px 28px;{font};color:{text}">
{logo}<h1 style="margin:0 0 12px;font-size:22px;line-height:1.3;font-weight:600">{heading}</h1>
<p style="margin:0 0 26px;font-size:16px;line-height:1.5">{intro}</p>
<table role="presentation" border="0" cellspacing="0" cellpadding="0" align="center">
<tr><td align="center" bgcolor="{brand}" style="border-radius:10px">\
<a href="{url}" target="_blank" style="display:inline-block;padding:13px 32px;border:1px solid {brand};\
border-radius:10px;font-size:16px;font-weight:600;text-decoration:none;color:{brand_text};{font}">\
{button}</a></td></tr>
</table>
<p class="muted" style="margin:28px 0 0;font-size:13px;line-height:1.5;color:{muted}">{fallback}<br>\
<a class="accent" href="{url}" target="_blank" dir="ltr" style="color:{accent};word-break:break-all">\
{url}</a></p>
<p class="muted" style="margin:18px 0 0;font-size:13px;line-height:1.5;color:{muted}">{ignore}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""
)
_DARK = Markup(
    """
<style>@media (prefers-color-scheme:dark){{
.page{{background:{page}!important}}
.card{{background:{card}!important;border-color:{line}!important}}
.text{{color:{text}!important}}
.muted{{color:{muted}!important}}
.accent{{color:{accent}!important}}
}}</style>"""
)


def magic_link(
    *, texts: Texts, theme: Theme, url: str, host: str, to: str, sender: str
) -> MailMessage:
    """The mail from ``sender`` to ``to`` that carries ``url``, with an HTML and a text part.

    ``host`` is the site's name, as the reader knows it.
    """
    palette = DARK if theme.color_scheme == "dark" else LIGHT
    colors = _colors(palette, theme)
    subject = " ".join(plain_text(texts.mail_subject, host=host).split())
    # Mail clients make links of what looks like a host name; a zero-width space keeps them off.
    name = Markup("<strong>{}</strong>").format(
        Markup(str(clean(host)).replace(".", "&#8203;."))  # noqa: S704 - escaped one step before
    )
    html = _HTML.format(
        **colors,
        lang=clean(texts.lang),
        dir=clean(texts.dir),
        schemes="light dark" if theme.color_scheme == "auto" else theme.color_scheme,
        dark=_DARK.format(**_colors(DARK, theme)) if theme.color_scheme == "auto" else "",
        font=_FONT,
        subject=clean(subject),
        logo=_logo(theme, url),
        heading=fill_text(texts.mail_heading, host=name),
        intro=fill_text(texts.mail_intro, host=name),
        url=clean(url),
        button=fill_text(texts.mail_button, host=name),
        fallback=fill_text(texts.mail_fallback, host=name),
        ignore=fill_text(texts.mail_ignore, host=name),
    )
    paragraphs = (texts.mail_heading, texts.mail_intro_text, "{url}", texts.mail_ignore)
    text = "\n\n".join(plain_text(part, host=host, url=url) for part in paragraphs) + "\n"
    return MailMessage(to=to, sender=sender, subject=subject, text=text, html=str(html))


def _colors(palette: Palette, theme: Theme) -> dict[str, str]:
    colors = palette.variables(theme)
    return {name.replace("-", "_"): str(color) for name, color in colors.items()}


def _logo(theme: Theme, url: str) -> Markup:
    """An image of the site itself needs its origin in front: a mail has no address of its own."""
    if not theme.logo or image_source(theme.logo) in (None, "data:"):
        return Markup("")
    return Markup(
        '<img src="{}" alt="" height="44" style="display:block;margin:0 auto 20px;height:44px;'
        'max-width:220px;border:0">\n'
    ).format(clean(urljoin(url, theme.logo)))
