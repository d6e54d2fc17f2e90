"""What else a ruling opens that names a host on which others publish, or that can show other sites.

A council that opens such a host opens what it did not look at: pages of strangers, sites behind a translator, whatever
shares a delivery network. So it is told what else is opened, host by host with the reason, and the ruling must end on
a day, at which the council looks again. Names of the public-suffix list are no resource at all and refused elsewhere.
The list holds what is used here and was looked at; it is no promise that a host which is missing is narrow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Breadth(StrEnum):
    """Why a host opens more than itself, what opens most first."""

    PROXY = "proxy"
    REMOTE = "remote"
    USERS = "users"
    SHARED = "shared"


WORDS: dict[Breadth, Promise] = {
    Breadth.PROXY: _("can show other sites"),
    Breadth.SHARED: _("shared by many sites"),
    Breadth.USERS: _("strangers publish there"),
    Breadth.REMOTE: _("lets one use another computer"),
}

HOSTS: dict[Breadth, str] = {
    Breadth.PROXY: """
        translate.google.com translate.googleusercontent.com webcache.googleusercontent.com googleweblight.com
        cdn.ampproject.org translate.yandex.ru translate.yandex.com translate.yandex.kz translated.turbopages.org
        yandexwebcache.net hghltd.yandex.net www.translatetheweb.com microsofttranslator.com
        web.archive.org archive.org archive.today archive.ph archive.is ghostarchive.org 12ft.io outline.com
        papago.naver.net translate.sogou.com fanyi.baidu.com deepl.com replit.com glitch.com codesandbox.io
        stackblitz.com script.google.com r.jina.ai printfriendly.com webpagetest.org validator.w3.org
    """,
    Breadth.SHARED: """
        akamaihd.net akamaized.net akamai.net edgekey.net edgesuite.net cloudfront.net fastly.net fastlylb.net
        azureedge.net azurefd.net windows.net b-cdn.net cdn77.org gcdn.co kxcdn.com llnwd.net stackpathdns.com
        amazonaws.com googleapis.com storage.googleapis.com googleusercontent.com gstatic.com yandexcloud.net
        storage.yandexcloud.net selcdn.ru cloudflare-ipfs.com ipfs.io dweb.link jsdelivr.net cdn.jsdelivr.net
        unpkg.com cdnjs.cloudflare.com cloudflare.com aliyuncs.com alicdn.com myqcloud.com digitaloceanspaces.com
    """,
    Breadth.USERS: """
        docs.google.com drive.google.com sites.google.com groups.google.com forms.gle blogger.com blogspot.com
        youtube.com youtu.be github.com gist.github.com raw.githubusercontent.com githubusercontent.com gitlab.com
        bitbucket.org sourceforge.net scratch.mit.edu codepen.io jsfiddle.net itch.io newgrounds.com roblox.com
        facebook.com instagram.com tiktok.com vk.com ok.ru mail.ru my.mail.ru disk.yandex.ru zen.yandex.ru dzen.ru
        t.me telegram.org telegra.ph web.telegram.org discord.com reddit.com quora.com medium.com livejournal.com
        tumblr.com pinterest.com x.com twitter.com twitch.tv vimeo.com rutube.ru dailymotion.com soundcloud.com
        wordpress.com wixsite.com wix.com tilda.ws weebly.com squarespace.com webflow.io ucoz.ru ucoz.kg ucoz.com
        narod.ru notion.so notion.site padlet.com canva.com prezi.com slideshare.net scribd.com issuu.com
        dropbox.com dropboxusercontent.com mediafire.com mega.nz wetransfer.com box.com onedrive.live.com
        pastebin.com rentry.co imgur.com postimg.cc ibb.co fandom.com wattpad.com steamcommunity.com
    """,
    Breadth.REMOTE: """
        remotedesktop.google.com anydesk.com teamviewer.com parsec.app rustdesk.com dwservice.net getscreen.me
        browserling.com browserstack.com now.gg kasmweb.com
    """,
}

KNOWN: dict[str, Breadth] = {host: breadth for breadth, hosts in HOSTS.items() for host in hosts.split()}


@dataclass(frozen=True, slots=True)
class Opened:
    """A host that a ruling opens besides what was looked at, and why it is broad."""

    host: str
    breadth: Breadth

    @property
    def word(self) -> str:
        """The reason in the reader's language."""
        return str(WORDS[self.breadth])


def opened_by(host: str, *, subdomains: bool) -> list[Opened]:
    """Which broad hosts a ruling on a host opens: itself, one above it, and with `subdomains` all below it."""
    weight = list(Breadth).index
    touched = sorted(_touched(host, subdomains), key=lambda one: (one != host, weight(KNOWN[one]), one))
    return [Opened(one, KNOWN[one]) for one in touched]


def _touched(host: str, subdomains: bool) -> Iterator[str]:
    for known in KNOWN:
        is_below_known = host == known or host.endswith(f".{known}")
        if is_below_known or (subdomains and known.endswith(f".{host}")):
            yield known
