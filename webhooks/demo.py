"""What only the demo has: the phone simulator, and the documentation as pages."""

import re
from pathlib import Path

from flask import Blueprint, Flask, abort, redirect, render_template, send_from_directory
from markdown_it import MarkdownIt
from werkzeug.wrappers import Response

from webhooks.phone import phone

HOME = Path(__file__).resolve().parent.parent
PAGES = {"": "README.md"} | {path.stem: f"docs/{path.name}" for path in sorted((HOME / "docs").glob("*.md"))}

PICTURE = "phone.png"

docs = Blueprint("docs", __name__)


@docs.get("/")
def home() -> Response:
    """The demo begins at the phone."""
    return redirect("/phone")


@docs.get("/docs")
@docs.get("/docs/<name>")
def page(name: str = "") -> str | Response:
    """One of the project's documents, or its picture."""
    if name == PICTURE:
        return send_from_directory(HOME / "docs", PICTURE)
    if name not in PAGES:
        abort(404)
    text = (HOME / PAGES[name]).read_text(encoding="utf-8")
    content = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return render_template("docs.html", title="Documentation", content=_with_our_links(content))


def _with_our_links(content: str) -> str:
    """Links between the files become links between the pages."""
    content = re.sub(r'href="(?:docs/)?([\w-]+)\.md"', r'href="/docs/\1"', content)
    return content.replace(f'src="docs/{PICTURE}"', f'src="/docs/{PICTURE}"')


def register(app: Flask) -> None:
    """Hang the demo's pages on the app."""
    app.register_blueprint(phone)
    app.register_blueprint(docs)
    app.context_processor(lambda: {"nav": [("/phone", "Phone"), ("/docs", "Docs")], "home": "/phone"})
