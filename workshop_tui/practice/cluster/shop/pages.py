"""The site's pages: HTML made here, every value escaped; no script or style from anywhere else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workshop_tui.practice.cluster.shop.products import Product

HEADERS = {"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff"}
"""Of every page: nothing is loaded from anywhere else."""

STYLE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; line-height: 1.5; }
header { display: flex; gap: 1.5rem; align-items: baseline; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; }
form { display: grid; gap: .8rem; max-width: 34rem; }
label { display: grid; gap: .2rem; }
input, textarea, button { font: inherit; padding: .4rem; }
footer { margin-top: 3rem; border-top: 1px solid #8884; color: #777; }
[role=alert] { color: #b3261e; min-height: 1.5em; margin: 0; }
"""

SCRIPT = """
const ask = document.querySelector('#ask');
const told = document.querySelector('[role=alert]');
ask.addEventListener('click', async () => {
  const field = (name) => document.querySelector(`[name=${name}]`);
  const tags = field('tags').value.split(',').map((tag) => tag.trim()).filter(Boolean);
  ask.disabled = true;
  ask.textContent = 'Asking…';
  told.textContent = '';
  try {
    const answer = await fetch('/ai/generate/description', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: field('name').value, tags }),
    });
    const text = await answer.text();
    let body = {};
    try { body = JSON.parse(text); } catch { body = { error: text }; }
    if (answer.ok && body.description) field('description').value = body.description;
    else told.textContent = `The AI service answered ${answer.status}: ${body.error || text}`;
  } catch (error) {
    told.textContent = `The AI service can't be reached: ${error.message}`;
  }
  ask.disabled = false;
  ask.textContent = 'Ask AI';
});
fetch('/ai/health').then((answer) => {
  document.querySelector('#ai-state').textContent = answer.ok ? 'ready' : `not ready (${answer.status})`;
});
"""


def products_page(products: Sequence[Product]) -> str:
    """Return the list of products."""
    rows = "".join(
        f"<tr><td>{product.id}</td><td>{escape(product.name)}</td>"
        f"<td>{escape(', '.join(product.tags))}</td><td>{product.price:.2f}</td>"
        f"<td>{escape(product.description)}</td></tr>"
        for product in products
    )
    head = "<tr><th>No.<th>Name<th>Tags<th>Price<th>Description</tr>"
    body = f"<h1>Products</h1><p><a href='/product/add'>Add product</a></p><table>{head}{rows}</table>"
    return _page("Products", body)


def add_page(problem: str = "") -> str:
    """Return the form for a new product."""
    body = f"""<h1>Add product</h1>
<form method="post" action="/product">
<label>Name <input name="name" required maxlength="200"></label>
<label>Tags, separated by commas <input name="tags"></label>
<label>Price <input name="price" type="number" min="0" step="0.01" value="9.99"></label>
<label>Description <textarea name="description" rows="6"></textarea></label>
<p role="alert">{escape(problem)}</p>
<p><button type="button" id="ask">Ask AI</button> <button type="submit">Save product</button></p>
<p>AI service: <span id="ai-state">asking…</span></p>
</form>
<script src="/site.js"></script>"""
    return _page("Add product", body)


def front_page(products: Sequence[Product]) -> str:
    """Return the store as its customers see it."""
    shown = "".join(
        f"<li><h2>{escape(product.name)}</h2><p>{escape(product.description)}</p>"
        f"<p><strong>{product.price:.2f}</strong></p></li>"
        for product in products
    )
    return _page("Products", f"<h1>Products</h1><ul>{shown}</ul>", site="Contoso Pet Store", links="")


_ADMIN_LINKS = '<a href="/products">Products</a> <a href="/product/add">Add product</a>'


def _page(title: str, body: str, *, site: str = "Store admin", links: str = _ADMIN_LINKS) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} - {site} (simulated)</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/site.css"></head>
<body><header><strong>{site}</strong> {links}</header>
<main>{body}</main>
<footer><p>This store is simulated: it is part of the practice cloud of workshop-tui.
The descriptions come from the cluster's ai-service pods.</p></footer>
</body></html>"""
