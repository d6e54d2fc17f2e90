"""The pages that Squid itself shows: short, in three languages, without scripts, styles or anything loaded.

The refusal page names an icon, which is never sent: that a browser asks for it shows that the page stood in a tab.

Squid fills in `%o`, the reference that the helper gave, and `%ea`, the clause. The whole story is at
`http://why/<reference>`, which the agent serves; the refusal page leads there at once. Since it is served with
status 403, nothing takes it for the page that was asked for.
"""

from collections.abc import Mapping

REFUSED = "ERR_DARBAZA_REFUSED"
"""A verdict refused the request; the page shows its clause and reference."""

TUNNEL = "ERR_DARBAZA_TUNNEL"
"""The same inside TLS, for devices that trust the school's certificate: the reference is noted at their connection."""

BROKEN = "ERR_DARBAZA_BROKEN"
"""No verdict could be had (no rulebook, no log): nothing is let through until there is one."""

ICON = "/.darbaza/"
"""Where the refusal page says that its icon is: browsers fetch icons for pages in tabs, never for frames."""

_SHELL = """<!DOCTYPE html>
<html lang="ky">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{head}<title>{title}</title>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""

_REFUSED_BODY = """<p lang="ky">Жобонун @Squid{%ea}-пункту боюнча бул бет ачылган жок.
<a href="http://why/%o?lang=ky">Эмне үчүн?</a></p>
<p lang="ru">По пункту @Squid{%ea} регламента эта страница не открыта.
<a href="http://why/%o?lang=ru">Почему?</a></p>
<p lang="en">By clause @Squid{%ea} of the regulation this page was not opened.
<a href="http://why/%o?lang=en">Why?</a></p>
<p>%o</p>"""

_NOTED = "@Squid{%{clt_conn_tag}note}"

_TUNNEL_BODY = f"""<p lang="ky">Бул сайт ачылган жок. <a href="http://why/{_NOTED}?lang=ky">Эмне үчүн?</a></p>
<p lang="ru">Этот сайт не открыт. <a href="http://why/{_NOTED}?lang=ru">Почему?</a></p>
<p lang="en">This site was not opened. <a href="http://why/{_NOTED}?lang=en">Why?</a></p>
<p>{_NOTED}</p>"""

_TEXTS: Mapping[str, tuple[str, str, str, str]] = {
    BROKEN: (
        "Шлюз жооп бере албай жатат",
        "Шлюз азыр эч нерсе чече албайт, ошондуктан эч нерсе ачылбайт. Жооптуу мугалимге айтыңыз.",
        "Шлюз сейчас не может принять решение, поэтому ничего не открывается. Сообщите ответственному учителю.",
        "The gateway cannot judge requests at present, so nothing is opened. Tell the responsible teacher.",
    ),
    "unreachable": (
        "Сайт жооп берген жок",
        "Бул барак уруксат берилген, бирок сайт жооп берген жок. Кийинчерээк кайра аракет кылыңыз.",
        "Эта страница разрешена, но сайт не ответил. Попробуйте позже.",
        "This page is allowed, but the site did not answer. Try again later.",
    ),
    "unreadable": (
        "Суроо-талап түшүнүксүз",
        "Шлюз бул суроо-талапты окуй алган жок, ошондуктан ал эч кайда жөнөтүлгөн жок.",
        "Шлюз не смог прочитать этот запрос, поэтому он никуда не отправлен.",
        "The gateway could not read this request, so it was sent nowhere.",
    ),
}

_UNREACHABLE = (
    "ERR_CANNOT_FORWARD", "ERR_CONNECT_FAIL", "ERR_DNS_FAIL", "ERR_GATEWAY_FAILURE", "ERR_LIFETIME_EXP", "ERR_NO_RELAY",
    "ERR_READ_ERROR", "ERR_READ_TIMEOUT", "ERR_SECURE_CONNECT_FAIL", "ERR_SHUTTING_DOWN", "ERR_SOCKET_FAILURE",
    "ERR_WRITE_ERROR", "ERR_ZERO_SIZE_OBJECT", "ERR_CONFLICT_HOST", "ERR_ONLY_IF_CACHED_MISS",
    "ERR_PRECONDITION_FAILED",
)  # fmt: skip
_UNREADABLE = (
    "ERR_ACCESS_DENIED", "ERR_ACL_TIME_QUOTA_EXCEEDED", "ERR_AGENT_CONFIGURE", "ERR_AGENT_WPAD",
    "ERR_CACHE_ACCESS_DENIED", "ERR_CACHE_MGR_ACCESS_DENIED", "ERR_DIR_LISTING", "ERR_ESI",
    "ERR_FTP_DISABLED", "ERR_FTP_FAILURE", "ERR_FTP_FORBIDDEN", "ERR_FTP_NOT_FOUND", "ERR_FTP_PUT_CREATED",
    "ERR_FTP_PUT_ERROR", "ERR_FTP_PUT_MODIFIED", "ERR_FTP_UNAVAILABLE", "ERR_ICAP_FAILURE", "ERR_INVALID_REQ",
    "ERR_INVALID_RESP", "ERR_INVALID_URL", "ERR_PROTOCOL_UNKNOWN", "ERR_REQUEST_PARSE_TIMEOUT",
    "ERR_REQUEST_START_TIMEOUT", "ERR_TOO_BIG", "ERR_UNSUP_HTTPVERSION", "ERR_UNSUP_REQ", "ERR_URN_RESOLVE",
    "ERR_RELAY_REMOTE",
)  # fmt: skip


def pages() -> dict[str, str]:
    """Every page by its file name in Squid's error directory, so that Squid never shows one of its own."""
    icon = f'<link rel="icon" href="{ICON}%o">\n'
    refused, tunnel = _leading_to_why("%o", _REFUSED_BODY, icon), _leading_to_why(_NOTED, _TUNNEL_BODY)
    plain = {name: _plain(texts) for name, texts in _TEXTS.items()}
    made = {REFUSED: refused, TUNNEL: tunnel, BROKEN: plain[BROKEN], "ERR_FORWARDING_DENIED": plain[BROKEN]}
    made |= dict.fromkeys(_UNREACHABLE, plain["unreachable"])
    return made | dict.fromkeys(_UNREADABLE, plain["unreadable"])


_DOWNLOADS: Mapping[str, tuple[str, str, str]] = {
    "program": ("программа", "программа", "a program"),
    "multimedia": ("үн же видео", "звук или видео", "sound or film"),
    "archive": (
        "программа болушу мүмкүн болгон архив",
        "архив, в котором могут быть программы",
        "an archive that may hold programs",
    ),
}


def download_page(reference: str, kind: str) -> bytes:
    """The page in place of a download that needs a permission (3.3); `reference` is empty if it could not be logged."""
    ky, ru, en = _DOWNLOADS[kind]
    why = f'<p><a href="http://why/{reference}">http://why/{reference}</a></p>' if reference else ""
    body = (
        f'<p lang="ky">Бул жүктөө — {ky}. Жобонун 3.3-пункту боюнча ага уруксат керек.</p>\n'
        f'<p lang="ru">Эта загрузка — {ru}. По пункту 3.3 регламента на неё нужно разрешение.</p>\n'
        f'<p lang="en">This download is {en}. By clause 3.3 of the regulation it needs a permission.</p>\n{why}'
    )
    return _SHELL.format(head="", title="Жүктөөгө уруксат керек", body=body).encode()


def _leading_to_why(reference: str, body: str, icon: str = "") -> str:
    head = f'{icon}<meta http-equiv="refresh" content="0; url=http://why/{reference}">\n'
    return _SHELL.format(head=head, title="Бул бет ачылган жок", body=body)


def _plain(texts: tuple[str, str, str, str]) -> str:
    title, ky, ru, en = texts
    body = f'<p lang="ky">{ky}</p>\n<p lang="ru">{ru}</p>\n<p lang="en">{en}</p>'
    return _SHELL.format(head="", title=title, body=body)
