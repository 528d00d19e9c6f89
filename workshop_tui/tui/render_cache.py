"""Letting go of what is no longer on the screen."""

from __future__ import annotations

from textual._styles_cache import StylesCache


def clear_render_cache() -> None:
    """Let go of what widgets have drawn that are gone.

    Textual remembers two colours by, among others, the widget's store of drawn lines: so it keeps a thousand
    such stores, which is four megabytes a walk through all pages. It finds the colours again at once.
    """
    cached = StylesCache.get_inner_outer
    if hasattr(cached, "cache_clear"):  # a private name: another Textual may have mended it
        cached.cache_clear()
