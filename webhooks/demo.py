"""What only the demo has: the phone simulator, and the documentation as pages."""

from pathlib import Path

from flask import Blueprint, Flask, abort, redirect, render_template
from markdown_it import MarkdownIt
from werkzeug.wrappers import Response

from webhooks.phone import phone

HOME = Path(__file__).resolve().parent.parent
PAGES = {"": "README.md"} | {path.stem: f"docs/{path.name}" for path in sorted((HOME / "docs").glob("*.md"))}

docs = Blueprint("docs", __name__)


@docs.get("/")
def home() -> Response:
    """The demo begins at the phone."""
    return redirect("/phone")


@docs.get("/docs")
@docs.get("/docs/<name>")
def page(name: str = "") -> str:
    """One of the project's documents."""
    if name not in PAGES:
        abort(404)
    text = (HOME / PAGES[name]).read_text()
    content = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return render_template("docs.html", title="Documentation", content=content)


def register(app: Flask) -> None:
    """Hang the demo's pages on the app."""
    app.register_blueprint(phone)
    app.register_blueprint(docs)
    app.context_processor(lambda: {"nav": [("/phone", "Phone"), ("/docs", "Docs")], "home": "/phone"})
