"""Sections to one HTML file that needs nothing else: styles, script and pictures are inside."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

from bioselect.drawing import colours
from bioselect.report.blocks import Section

if TYPE_CHECKING:
    from markupsafe import Markup

#: What stands for a colour of a drawing on the page, where it follows light and dark.
VARIABLES = {
    colours.BLUE: "--blue",
    colours.ORANGE: "--orange",
    colours.GREEN: "--green",
    colours.PURPLE: "--purple",
    colours.SKY: "--sky",
    colours.AMBER: "--amber",
    colours.BLACK: "--ink",
    colours.GREY: "--grey",
    colours.LIGHT: "--line",
    "white": "--paper",
}
#: Behind these a long name may be broken.
_SIGN = re.compile(r"(?<=[(=/,])(?=[^\s])")
#: What is to be typed, as words for a terminal mark it.
_CODE = re.compile(r"`([^`\n]+)`")
_COLOUR = re.compile(r'(fill|stroke)="(#[0-9A-Fa-f]{6}|white)"')


def page(title: str, subtitle: str, sections: Sequence[Section]) -> str:
    """Return the whole file.

    What comes from the run (names of images, of classes, messages) is escaped everywhere; a policy
    in the file forbids it to load or to send anything.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("bioselect.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = lambda svg: Markup(on_page(svg))
    environment.filters["breakable"] = breakable
    environment.filters["with_code"] = with_code
    environment.filters["data_address"] = _data_address
    style, script = _part("style.css"), _part("script.js")
    return environment.get_template("page.html").render(
        title=title,
        subtitle=subtitle,
        sections=sections,
        style=Markup(style),
        script=Markup(script),
        script_digest=_digest(script),
    )


def breakable(text: str) -> Markup:
    """Return a text as `with_code`, that may go on in the next line behind the signs in its names.

    Examples
    --------
    >>> str(breakable("svm(C=1) & <b>"))
    'svm(<wbr>C=<wbr>1) &amp; &lt;b&gt;'
    """
    from markupsafe import Markup, escape

    parts = [str(escape(part)) for part in _SIGN.split(text)]
    return Markup(_as_code("<wbr>".join(parts)))


def with_code(text: str) -> Markup:
    """Return a text, escaped, in which what stands in backquotes is set as what is typed.

    Examples
    --------
    >>> str(with_code("`predict --abstain` & <b>"))
    '<code>predict --abstain</code> &amp; &lt;b&gt;'
    """
    from markupsafe import Markup, escape

    return Markup(_as_code(str(escape(text))))


def _as_code(escaped: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escaped)


def on_page(svg: str) -> str:
    """Return a drawing as it stands on a page: its colours follow light and dark.

    Examples
    --------
    >>> on_page('<rect fill="#0072B2"/>')
    '<rect fill="var(--blue, #0072B2)"/>'
    """

    def named(found: re.Match[str]) -> str:
        what, colour = found.groups()
        variable = VARIABLES.get(colour)
        return f'{what}="var({variable}, {colour})"' if variable else found.group()

    return _COLOUR.sub(named, svg)


def _part(name: str) -> str:
    return (files("bioselect.report") / "templates" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data_address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()
