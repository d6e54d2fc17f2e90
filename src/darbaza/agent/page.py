"""The Why? page: one explanation as a page without scripts, as plain text, or as JSON.

It is read by ten-year-olds on old computers: large letters, few words, every fact with its label, nothing loaded from
anywhere. The style stands in the page and is allowed by its hash; everything else is forbidden by the policy header.
"""

import base64
import hashlib
import json
from html import escape
from urllib.parse import urlencode

from darbaza.agent.explanation import PORTAL, Fact, Told, text
from darbaza.snapshot.wording import LANGUAGES

REPORT = f"{PORTAL}/bildir/"
"""The portal's form for reports, which every device of the school reaches."""
ASK = f"{PORTAL}/suroo/"
"""The portal's form for asking the teacher of a lesson."""

NAMES = {"ky": "Кыргызча", "ru": "Русский", "en": "English"}

STYLE = """
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;font:1.125rem/1.5 "PT Sans","Noto Sans","DejaVu Sans",system-ui,sans-serif;
color:#1b2330;background:#f4f6f9}
main{max-width:44rem;margin:0 auto;padding:1rem 1.25rem 1.5rem}
nav{display:flex;flex-wrap:wrap;justify-content:flex-end;margin:-.25rem -.5rem 1rem}
nav a,nav b{padding:.5rem;min-height:2.75rem;font-size:1rem}
nav b{color:#1b2330}
h1{font-size:1.75rem;line-height:1.25;margin:.25rem 0 1rem}
h2{font-size:1.125rem;margin:0 0 .25rem}
.said{font-size:1.375rem;line-height:1.4;background:#fff;border:1px solid #c3cad6;border-left:.5rem solid #a8361f;
border-radius:.375rem;padding:1rem 1.25rem;margin:0 0 1rem}
.well{border-left-color:#1d6b3a}
.next{background:#e6f0ff;border:1px solid #9db9e6;border-radius:.375rem;padding:1rem 1.25rem;margin:0 0 1.5rem}
.next p{margin:0}
dl{display:grid;grid-template-columns:minmax(9rem,auto) 1fr;gap:.375rem 1.25rem;margin:0 0 1.25rem}
dt{color:#49566b}
dd{margin:0;overflow-wrap:anywhere}
details{margin:0 0 .75rem}
summary{cursor:pointer;min-height:2.75rem;padding:.5rem 0;color:#0b4aa2}
blockquote{margin:0;padding:.25rem 0 .25rem 1rem;border-left:.25rem solid #c3cad6;white-space:pre-line}
a{color:#0b4aa2}
a:focus-visible,summary:focus-visible{outline:3px solid #0b4aa2;outline-offset:2px}
.do a{display:inline-block;padding:.625rem 1rem;margin:0 .75rem .75rem 0;border:1px solid #0b4aa2;border-radius:.375rem;
background:#fff;text-decoration:none}
@media (max-width:34rem){dl{display:block}dd{margin:0 0 .5rem}}
@media (prefers-color-scheme:dark){body{color:#e8ecf3;background:#151a22}nav b{color:#e8ecf3}
.said,.do a{background:#1f2733;border-color:#4a5669}.said{border-left-color:#ff9d88}.well{border-left-color:#7fd6a0}
.next{background:#1c2a41;border-color:#3b5a8c}dt{color:#b3bfd1}
a,summary{color:#9cc4ff}.do a{border-color:#9cc4ff}blockquote{border-color:#4a5669}
a:focus-visible,summary:focus-visible{outline-color:#9cc4ff}}
"""

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Accept, Accept-Language",
}


def html(told: Told, path: str) -> str:
    """The page; `path` is where it stands, for the links to its other languages."""
    body = [
        f"<nav>{''.join(_language_link(language, told.language, path) for language in LANGUAGES)}</nav>",
        f"<h1>{escape(told.title)}</h1>",
        f'<p class="said{"" if told.clause else " well"}">{escape(told.sentence)}</p>',
        _next(told),
        _facts(told.facts),
        _others(told),
        _clause(told),
        _doing(told, path),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{told.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(told.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _language_link(language: str, current: str, path: str) -> str:
    if language == current:
        return f'<b lang="{language}" aria-current="true">{NAMES[language]}</b>'
    return f'<a lang="{language}" hreflang="{language}" href="{escape(path)}?lang={language}">{NAMES[language]}</a>'


def _next(told: Told) -> str:
    said = " ".join(part for part in (told.next_step, told.retry) if part)
    if not said:
        return ""
    return f'<section class="next"><h2>{escape(text("next", told.language))}</h2><p>{escape(said)}</p></section>'


def _facts(facts: tuple[Fact, ...]) -> str:
    rows = "".join(f"<dt>{escape(fact.label)}</dt><dd>{escape(fact.value)}</dd>" for fact in facts)
    return f"<dl>{rows}</dl>" if rows else ""


def _others(told: Told) -> str:
    """What else was refused here lately: a browser's own request may stand before the page that somebody opened."""
    links = "".join(f'<a href="/{ref}?lang={told.language}">{escape(host)}</a>' for host, ref in told.others)
    return f'<p class="do">{escape(text("others", told.language))}<br>{links}</p>' if links else ""


def _clause(told: Told) -> str:
    if not told.clause_text:
        return ""
    version = f" ({told.regulation})" if told.regulation else ""
    summary = escape(f"{text('regulation-says', told.language)}{version}: {told.clause}")
    return f"<details><summary>{summary}</summary><blockquote>{escape(told.clause_text)}</blockquote></details>"


def _doing(told: Told, path: str) -> str:
    """What can be pressed: asking where it helps, reporting, the sign-in page, this page again; and what that means."""
    ask = f'<a href="{escape(ask_address(told.ask))}">{escape(text("ask", told.language))}</a>' if told.ask else ""
    ask += _teacher(told)
    again = f'<a href="{escape(path)}?lang={told.language}">{escape(text("reload", told.language))}</a>'
    sign_in = f'<a href="{PORTAL}/">{escape(text("sign-in", told.language))}</a>'
    word = f"<p>{escape(text('not-counted', told.language))}</p>"
    return f'<p class="do">{ask}{_reporting(told)}{_decision(told)}{sign_in}{again}</p>{word}'


def _teacher(told: Told) -> str:
    """The way to the portal's form that asks the teacher of the lesson (2.7, 2.8); none for what is open by now."""
    if not told.teacher or told.retry:
        return ""
    query = urlencode({"lang": told.language, "resource": told.teacher})
    return f'<a href="{escape(f"{ASK}?{query}")}">{escape(text("ask-teacher", told.language))}</a>'


def _decision(told: Told) -> str:
    """The way to the council's decision and the extract from its minutes."""
    if not told.decision_page:
        return ""
    return (
        f'<a href="{escape(told.decision_page)}">{escape(text("decision", told.language))} {escape(told.decision)}</a>'
    )


def ask_address(host: str) -> str:
    """The portal's page on which a student asks for a permission, with the host filled in."""
    return f"{PORTAL}/kirish/uruksat?{urlencode({'host': host})}"


def _reporting(told: Told) -> str:
    """Ways to the portal's form: this was closed wrongly, and telling an adult of what was seen (3.4)."""
    host = next((fact.value for fact in told.facts if fact.key == "asked"), "")
    query = urlencode({"lang": told.language} | ({"resource": host} if host else {}))
    wrong = text("wrong", told.language) if host else ""
    words = [word for word in (wrong, text("tell", told.language)) if word]
    return "".join(f'<a href="{REPORT}?{escape(query)}">{escape(word)}</a>' for word in words)


def plain(told: Told) -> str:
    """The same as lines of text."""
    said = [line for line in (told.sentence, told.next_step, told.retry) if line]
    facts = [f"{fact.label}: {fact.value}" for fact in told.facts]
    version = f" ({told.regulation})" if told.regulation else ""
    clause = ["", f"{told.clause}{version}: {told.clause_text}"] if told.clause_text else []
    decision = [f"{text('decision', told.language)} {told.decision}: {told.decision_page}"] if told.decision else []
    others = [f"{text('others', told.language)} {host} http://why/{ref}" for host, ref in told.others]
    reporting = ["", f"{text('tell', told.language)}: {REPORT}", text("not-counted", told.language)]
    return "\n".join([told.title, "", *said, "", *facts, *others, *decision, *clause, *reporting]) + "\n"


def as_json(told: Told) -> str:
    """The same as an object."""
    return json.dumps(
        {
            "language": told.language,
            "title": told.title,
            "sentence": told.sentence,
            "next": told.next_step,
            "retry": told.retry,
            "clause_text": told.clause_text,
            "regulation": told.regulation,
            "decision_page": told.decision_page,
            **{fact.key: fact.value for fact in told.facts},
        },
        ensure_ascii=False,
    )
