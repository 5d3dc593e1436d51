"""The way back from the form of a page without scripts: 303 to the article it stood on."""

from urllib.parse import urlsplit

from chalicelib.routes.endpoint import Answer, Call

LONGEST = 2048


def to_article(call: Call, notice: str) -> Answer:
    """Return 303 to the page the form stood on; the fragment shows the notice there."""
    return Answer(None, 303, {"Location": f"{_page(call)}#{notice}"})


def _page(call: Call) -> str:
    """Return where the form stood: the page that sent it, else the article when its id is an address of that origin.

    Browsers tell another origin only where a form came from, not the page; so an article id that is an address
    there is the better answer. Without either there is only our own article page.
    """
    referrer, article = call.headers.get("referer", ""), call.path.get("article_id", "")
    if not _is_address(referrer):
        return "/"
    if _is_address(article) and _origin(article) == _origin(referrer):
        return article.partition("#")[0]
    return referrer.partition("#")[0]


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= LONGEST
    return plain and parts.scheme in {"http", "https"} and bool(parts.netloc)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()
