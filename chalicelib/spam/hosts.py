"""Hosts: what the name of a host tells before anybody opens it: known to be honest, shortened, or made for a trade."""

from functools import lru_cache

# Under these only states, universities and public health services have names.
_SUFFIXES = tuple(
    (  # noqa: SIM905 - as a list, one to a line, nobody would read them
        ".gov .edu .int .mil .gov.uk .nhs.uk .ac.uk .police.uk .parliament.uk .nhs.scot .gov.scot .gov.wales "
        ".gov.ie .gov.au .edu.au .gov.nz .govt.nz .ac.nz .gc.ca .gov.za .ac.za .gov.in .nic.in .ac.in .edu.in "
        ".gov.ph .edu.ph .gov.sg .edu.sg .gov.my .edu.my .gov.ng .edu.ng .go.ke .ac.ke .gov.gh .gouv.fr .sante.fr "
        ".gouv.qc.ca .qc.ca .gob.es .gob.mx .gob.ar .gov.ar .gob.cl .gov.co .gob.pe .gov.br .edu.br .gov.pt "
        ".gov.it .gov.pl .gov.cz .gov.gr .gov.tr .edu.tr .gov.ua .gov.il .ac.il .gov.cn .edu.cn .gov.tw .edu.tw "
        ".gov.hk .go.jp .ac.jp .go.kr .ac.kr .gov.vn .go.id .go.th .ac.th .admin.ch .bund.de .europa.eu "
        ".overheid.nl .wikipedia.org .minzdrav.gov.ru .rosminzdrav.ru"
    ).split()
)

# Public health and its charities, journals, encyclopedias and newspapers, where articles on health are read.
_HONEST = frozenset(
    (  # noqa: SIM905 - likewise
        "nhs.uk gov.uk nice.org.uk medicines.org.uk bnf.nice.org.uk cks.nice.org.uk patient.info hse.ie hpra.ie "
        "who.int nih.gov medlineplus.gov cdc.gov fda.gov mayoclinic.org clevelandclinic.org hopkinsmedicine.org "
        "healthline.com webmd.com drugs.com rxlist.com msdmanuals.com merckmanuals.com medscape.com uptodate.com "
        "needymeds.org goodrx.com cochrane.org cochranelibrary.com bmj.com thelancet.com nejm.org jamanetwork.com "
        "nature.com science.org plos.org sciencedirect.com springer.com wiley.com oup.com doi.org medrxiv.org "
        "clinicaltrials.gov scielo.org scielo.br wikipedia.org wikimedia.org wikidata.org wiktionary.org "
        "britannica.com archive.org web.archive.org snopes.com bbc.co.uk bbc.com theguardian.com nytimes.com "
        "washingtonpost.com reuters.com apnews.com npr.org pbs.org cnn.com independent.co.uk telegraph.co.uk "
        "thetimes.co.uk thetimes.com ft.com economist.com rte.ie irishtimes.com abc.net.au smh.com.au cbc.ca "
        "theglobeandmail.com thehindu.com indiatimes.com punchng.com news24.com groundup.org.za stuff.co.nz "
        "spiegel.de zeit.de faz.net sueddeutsche.de tagesschau.de ard.de zdf.de orf.at derstandard.at nzz.ch "
        "srf.ch arte.tv elpais.com elmundo.es lanacion.com.ar lemonde.fr lefigaro.fr liberation.fr radio-canada.ca "
        "rtbf.be lesoir.be repubblica.it corriere.it publico.pt folha.uol.com.br uol.com.br gazeta.pl rg.ru nos.nl "
        "nrc.nl aftonbladet.se dn.se mssociety.org.uk mstrust.org.uk nationalmssociety.org msif.org scope.org.uk "
        "mind.org.uk samaritans.org cruse.org.uk epilepsy.com epilepsy.org.uk diabetes.org diabetes.org.uk "
        "bhf.org.uk heart.org cancer.org macmillan.org.uk alz.org alzheimers.org.uk parkinsons.org.uk "
        "stroke.org.uk versusarthritis.org carersuk.org citizensadvice.org.uk nami.org alcoholics-anonymous.org.uk "
        "aa.org al-anon.org al-anonuk.org.uk drinkaware.co.uk talktofrank.com 988lifeline.org "
        "gesundheitsinformation.de awmf.org apotheken-umschau.de bfarm.de has-sante.fr vidal.fr aemps.es "
        "cima.aemps.es infarmed.pt agenziafarmaco.gov.it aifa.gov.it apotheek.nl thuisarts.nl "
        "farmacotherapeutischkompas.nl fass.se 1177.se sukl.cz eof.gr pmda.go.jp health.kr healthdirect.gov.au "
        "betterhealth.vic.gov.au medsafe.govt.nz healthhub.sg sleepfoundation.org csp.org.uk scielo.cl "
        "inesss.qc.ca"
    ).split()
)

_SHORTENERS = frozenset(
    (  # noqa: SIM905 - likewise
        "bit.ly bitly.com goo.gl t.co tinyurl.com cutt.ly ow.ly is.gd v.gd rb.gy tiny.cc tiny.one shorturl.at "
        "shorte.st adf.ly bl.ink buff.ly t.ly s.id rebrand.ly lnkd.in linktr.ee lnk.bio bit.do soo.gd clck.ru "
        "vk.cc u.to urlz.fr kutt.it cutt.us qr.ae short.gy t1p.de gg.gg n9.cl encurtador.com.br dwz.cn"
    ).split()
)

# Endings that cost a dollar, or that were made for a trade, where hardly any reader of an article has a page.
_CHEAP = frozenset(
    (  # noqa: SIM905 - likewise
        "top xyz icu cyou sbs click bet casino loan win vip pw cc su buzz rest monster quest cam date cfd lol bid "
        "trade racing party stream download review science work men gq ml ga cf tk fit beauty skin hair rip mom "
        "boats autos yachts makeup store shop sale deals discount bargains promo cash loans credit poker porn sex "
        "adult dating webcam cheap fun fund"
    ).split()
)
_TRADES = (
    *(
        "casino",
        "viagra",
        "cialis",
        "kamagra",
        "levitra",
        "xanax",
        "payday",
        "escort",
        "replica",
        "essay",
        "forex",
        "togel",
    ),
    *(
        "backlink",
        "jackpot",
        "kredit",
        "cashloan",
        "camgirl",
        "camfol",
        "sexcam",
        "freespin",
        "bahis",
        "kazino",
        "slotgacor",
    ),
    *("cheapmed", "norx", "buyonline", "followers", "giveaway"),
)
_TRADE_PARTS = frozenset(
    (  # noqa: SIM905 - likewise
        "bet slot slots loan loans spin spins prize gift bonus deal deals promo cheap crypto bitcoin btc invest "
        "profit earn cash seo vape cbd keto slim rx meds pills pharma pharm cam cams sex porn xxx girls dating "
        "hack hacker spell spells outlet vpn apk win winner credit lending"
    ).split()
)
_BELOW_COUNTRY = frozenset(
    ["co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go", "gob", "gouv", "ltd", "me", "nhs"]
)
_COUNTRY = 2


def host(link: str) -> str:
    """Return the host name of an address, without port, user and `www.`."""
    authority = link.rpartition("://")[2].lstrip("/")
    for sign in "/?#":
        authority = authority.partition(sign)[0]
    return authority.rpartition("@")[2].partition(":")[0].rstrip(".").removeprefix("www.").removeprefix("m.")


def site(name: str) -> str:
    """Return the part of a host name that somebody registered, as far as its form tells: `b.co.uk` of `a.b.co.uk`."""
    labels = name.split(".")
    is_below_country = len(labels) > 2 and len(labels[-1]) == _COUNTRY and labels[-2] in _BELOW_COUNTRY  # noqa: PLR2004
    return ".".join(labels[-3 if is_below_country else -2 :])


@lru_cache(maxsize=2048)
def is_honest(name: str) -> bool:
    """Tell whether a host belongs to a state, a university, public health, a journal, newspaper or encyclopedia."""
    return name in _HONEST or site(name) in _HONEST or f".{name}".endswith(_SUFFIXES)


def is_shortener(name: str) -> bool:
    """Tell whether addresses there lead on to somewhere else."""
    return name in _SHORTENERS


def has_cheap_ending(name: str) -> bool:
    """Tell whether the ending is one where hardly any reader has a page."""
    return name.rpartition(".")[2] in _CHEAP


@lru_cache(maxsize=2048)
def names_a_trade(name: str) -> bool:
    """Tell whether the name says what is sold there."""
    return any(trade in name for trade in _TRADES) or not _TRADE_PARTS.isdisjoint(name.replace("-", ".").split("."))
