"""What only the demo has: the phone simulator, and the documentation as pages."""

import re
from pathlib import Path

from flask import Blueprint, Flask, abort, redirect, render_template, send_from_directory
from markdown_it import MarkdownIt
from werkzeug.wrappers import Response

from webhooks.console import sit_down
from webhooks.phone import phone

HOME = Path(__file__).resolve().parent.parent
PAGES = {"": "README.md"} | {path.stem: f"docs/{path.name}" for path in sorted((HOME / "docs").glob("*.md"))}

PICTURES = ("phone.png", "pages.png", "oncall.png", "console.png")

_OWN_ANCHORS = re.compile(r'^<a id="[\w-]+"></a>\n', re.MULTILINE)
"""Where a heading can be linked to outside of the demo; here every heading can."""

docs = Blueprint("docs", __name__)


@docs.get("/")
def home() -> Response:
    """The demo begins at the phone."""
    return redirect("/phone")


@docs.get("/docs")
@docs.get("/docs/<name>")
def page(name: str = "") -> str | Response:
    """One of the project's documents, or its picture."""
    if name in PICTURES:
        return send_from_directory(HOME / "docs", name)
    if name not in PAGES:
        abort(404)
    text = _OWN_ANCHORS.sub("", (HOME / PAGES[name]).read_text(encoding="utf-8"))
    content = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return render_template("docs.html", title="Documentation", content=_with_our_links(content))


@docs.get("/docs/flows/<name>.svg")
def picture(name: str) -> Response:
    """The picture of a flow. Its style stands in it, and nothing else may be loaded."""
    response = send_from_directory(HOME / "docs" / "flows", f"{name}.svg")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def _with_our_links(content: str) -> str:
    """Links between the files become links between the pages, and headings can be linked to."""
    content = re.sub(r'href="(?:docs/)?([\w-]+)\.md(#[\w/-]+)?"', r'href="/docs/\1\2"', content)
    content = re.sub(r"<h([23])>(.+?)</h\1>", _with_anchor, content)
    content = re.sub(r"<(pre|table)>", r'<\1 tabindex="0">', content)  # they scroll, so keys must reach them
    return re.sub(r'src="(?:docs/)?([\w-]+\.png)"', r'src="/docs/\1"', content)


def _with_anchor(heading: re.Match[str]) -> str:
    level, text = heading[1], heading[2]
    plain = re.sub(r"<.*?>", "", text).replace("/", "-")
    anchor = re.sub(r"[^\w -]", "", plain).strip().lower().replace(" ", "-")
    return f'<h{level} id="{anchor}">{text}</h{level}>'


def register(app: Flask) -> None:
    """Hang the demo's pages on the app."""
    app.register_blueprint(phone)
    app.register_blueprint(docs)
    app.register_blueprint(sit_down.section)
    app.context_processor(lambda: {"nav": [("/phone", "Phone"), ("/docs", "Docs")], "home": "/phone"})
