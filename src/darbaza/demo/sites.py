"""The invented sites of the demo's Internet: harmless pages in three languages under `.test`."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Site:
    """One site: its host, and title and text in Kyrgyz, Russian and English. `pages` are paths that it links to."""

    host: str
    ky: tuple[str, str]
    ru: tuple[str, str]
    en: tuple[str, str]
    pages: tuple[str, ...] = ()


SITES = (
    Site(
        "kitep.test",
        ("Китеп — санарип китепкана", "Жомоктор, дастандар жана окуу китептери. Бүгүн эмне окуйбуз?"),
        ("Китеп — электронная библиотека", "Сказки, эпосы и учебники. Что читаем сегодня?"),
        ("Kitep, a digital library", "Tales, epics and textbooks. What shall we read today?"),
        ("/manas", "/jomok", "/chyngyz-aytmatov"),
    ),
    Site(
        "sabak.test",
        ("Сабак — ачык сабактар", "Математика, кыргыз тили жана информатика боюнча сабактар."),
        ("Сабак — открытые уроки", "Уроки математики, кыргызского языка и информатики."),
        ("Sabak, open lessons", "Lessons in mathematics, Kyrgyz and computer science."),
        ("/matematika", "/kyrgyz-tili", "/informatika"),
    ),
    Site(
        "entsiklopediya.test",
        ("Энциклопедия", "Ысык-Көл, Ала-Тоо жана дүйнө жөнүндө макалалар."),
        ("Энциклопедия", "Статьи об Иссык-Куле, Ала-Тоо и о мире."),
        ("Encyclopedia", "Articles on Issyk-Kul, the Ala-Too and the world."),
        ("/ysyk-kol", "/ala-too", "/kurak"),
    ),
    Site(
        "maektep.test",
        ("Мектеп порталы", "Күнүмдүк, тапшырмалар жана мектептин жаңылыктары."),
        ("Школьный портал", "Дневник, задания и новости школы."),
        ("The school's own pages", "Diary, homework and school news."),
        ("/kundomduk", "/janylyktar"),
    ),
    Site(
        "kumar.test",
        ("Кумар оюндарынын ойдон чыгарылган сайты", "Бул жерде эч нерсе жок: дарбазаны сынап көрүү үчүн гана турат."),
        ("Выдуманный сайт азартных игр", "Здесь ничего нет: страница нужна только для проверки ворот."),
        ("An invented gambling site", "There is nothing here: the page only tests the gate."),
    ),
    Site(
        "uyat.test",
        ("Балдарга жабык ойдон чыгарылган сайт", "Бул жерде эч нерсе жок: дарбазаны сынап көрүү үчүн гана турат."),
        ("Выдуманный сайт, закрытый для детей", "Здесь ничего нет: страница нужна только для проверки ворот."),
        ("An invented site closed to children", "There is nothing here: the page only tests the gate."),
    ),
    Site(
        "zombuluk.test",
        ("Зомбулук жөнүндө ойдон чыгарылган сайт", "Бул жерде эч нерсе жок: дарбазаны сынап көрүү үчүн гана турат."),
        ("Выдуманный сайт о насилии", "Здесь ничего нет: страница нужна только для проверки ворот."),
        ("An invented site about violence", "There is nothing here: the page only tests the gate."),
    ),
    Site(
        "oyun.test",
        ("Оюн — ойдон чыгарылган оюндар", "Тыныгуудагы оюндар."),
        ("Оюн — выдуманные игры", "Игры для перемены."),
        ("Oyun, invented games", "Games for the break."),
        ("/toguz-korgool",),
    ),
    Site(
        "tarmak.test",
        ("Тармак — ойдон чыгарылган социалдык тармак", "Достор, сүрөттөр, билдирүүлөр."),
        ("Тармак — выдуманная социальная сеть", "Друзья, фотографии, сообщения."),
        ("Tarmak, an invented social network", "Friends, pictures, messages."),
    ),
    Site(
        "bazar.test",
        ("Базар — ойдон чыгарылган дүкөн", "Калпактар, комуздар, шырдактар."),
        ("Базар — выдуманный магазин", "Калпаки, комузы, шырдаки."),
        ("Bazar, an invented shop", "Kalpaks, komuzes, felt carpets."),
    ),
    Site(
        "poshta.test",
        ("Почта — ойдон чыгарылган электрондук почта", "Кат келди."),
        ("Почта — выдуманная электронная почта", "Вам письмо."),
        ("Poshta, invented e-mail", "You have a letter."),
    ),
    Site(
        "proksi.test",
        ("Айланып өтүүнүн ойдон чыгарылган сайты", "Бул жерде эч нерсе жок: дарбазаны сынап көрүү үчүн гана турат."),
        ("Выдуманный сайт для обхода", "Здесь ничего нет: страница нужна только для проверки ворот."),
        ("An invented way around the gate", "There is nothing here: the page only tests the gate."),
    ),
    Site(
        "belgisiz.test",
        ("Белгисиз сайт", "Бул сайт боюнча усулдук кеңеш азырынча чечим кабыл ала элек."),
        ("Неизвестный сайт", "Методический совет ещё не принял решения об этом сайте."),
        ("An unknown site", "The methodological council has not ruled on this site yet."),
    ),
    Site(
        "video.test",
        ("Видео — ойдон чыгарылган видеолор", "Муну сабакта мугалим ача алат."),
        ("Видео — выдуманные видеозаписи", "Это на уроке может открыть учитель."),
        ("Video, invented films", "The teacher of a lesson may open this."),
        ("/shumkar", "/tash-rabat"),
    ),
    Site(
        "jukto.test",
        ("Жүктө — ойдон чыгарылган файлдар", "Программаны жүктөп алуу үчүн уруксат керек."),
        ("Жүктө — выдуманные файлы", "Чтобы скачать программу, нужно разрешение."),
        ("Jukto, invented files", "Downloading a program needs a permission."),
        ("/oyun.exe", "/kitep.zip"),
    ),
)

BY_HOST = {site.host: site for site in SITES}

ADDRESSES = {site.host: f"127.9.0.{number}" for number, site in enumerate(SITES, 1)}
"""The address of each site."""

STYLE = (
    "body{font:18px/1.6 'PT Sans',sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1b2a33}"
    "h1{font-size:1.7rem;border-bottom:3px solid #2a9d8f}section{margin:1.5rem 0}a{color:#0b6e63}"
)


def page(site: Site, path: str) -> str:
    """A page of a site as HTML."""
    links = " · ".join(f'<a href="{escape(each)}">{escape(each)}</a>' for each in ("/", *site.pages))
    texts = "".join(
        f'<section lang="{language}"><h2>{escape(title)}</h2><p>{escape(text)}</p></section>'
        for language, (title, text) in (("ky", site.ky), ("ru", site.ru), ("en", site.en))
    )
    return (
        f'<!doctype html><html lang="ky"><meta charset="utf-8"><title>{escape(site.ky[0])}</title>'
        f"<style>{STYLE}</style><h1>{escape(site.host + path.rstrip('/'))}</h1>"
        f"{texts}<nav>{links}</nav>"
    )
