"""Pages: values in, HTML out, with markupsafe as the only way in."""

from chalicelib.rendering.article import ANONYMOUS, article_page, error_page, tally_words

__all__ = ["ANONYMOUS", "article_page", "error_page", "tally_words"]
