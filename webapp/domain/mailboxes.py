"""Mail addresses that anybody can have: they speak for no company."""

# Of these all national ones are meant: yahoo.fr, yahoo.co.uk.
FAMILIES = frozenset({"gmx", "googlemail", "hotmail", "live", "outlook", "yahoo", "yandex"})
PUBLIC = frozenset(
    """
    126.com 163.com 9online.fr aim.com alice.it aliceadsl.fr aol.com aol.fr att.net bbox.fr
    bellsouth.net bigpond.com bluewin.ch bol.com.br btinternet.com charter.net club-internet.fr
    comcast.net cox.net daum.net earthlink.net email.com fastmail.com foxmail.com free.fr
    freenet.de frontier.com gmail.com hanmail.net hey.com hushmail.com icloud.com inbox.com
    juno.com kpnmail.nl laposte.net libero.it mac.com mail.com mail.ru mailbox.org mailo.com
    me.com msn.com naver.com neuf.fr noos.fr ntlworld.com numericable.fr optonline.net orange.com
    orange.fr outlook.com pm.me posteo.de proton.me protonmail.ch protonmail.com qq.com
    rambler.ru rediffmail.com roadrunner.com rocketmail.com rogers.com sbcglobal.net seznam.cz
    sfr.fr shaw.ca sina.com skynet.be sky.com startmail.com sympatico.ca t-online.de talktalk.net
    telenet.be telus.net terra.com.br tin.it tiscali.it tutanota.com tuta.io uol.com.br verizon.net
    virgilio.it virginmedia.com voila.fr wanadoo.fr web.de windstream.net wp.pl xs4all.nl ymail.com
    ziggo.nl zoho.com
    """.split()  # noqa: SIM905 - a line for each would be four screens
)


def domain_of(email: str) -> str:
    """What stands behind the @ of an address, in lower case; empty without one."""
    return email.rpartition("@")[2].strip().lower() if "@" in email else ""


def is_public(domain: str) -> bool:
    """Whether anybody can have a mailbox at this domain (lower case)."""
    return domain in PUBLIC or domain.partition(".")[0] in FAMILIES
