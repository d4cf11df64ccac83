"""Where a gradebook's database lies, as it may be shown and kept."""

from __future__ import annotations

import re

from sqlalchemy import URL

PASSWORD = re.compile(r"(?i)pass(word|wd|code)?$|pwd|secret|token")


def without_passwords(address: URL) -> str:
    """A database's address for files and screens: a driver takes passwords as options, too.

    Example:
        >>> from sqlalchemy.engine import make_url
        >>> without_passwords(make_url("postgresql://ada:one@host/name?sslpassword=two"))
        'postgresql://ada:***@host/name'
    """
    secret = [option for option in address.query if PASSWORD.search(option)]
    return address.difference_update_query(secret).render_as_string()
