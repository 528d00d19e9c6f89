"""The store's products, in the practice store."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.practice.store import Store

_KIND = "shop-product"
_LONGEST = 4000


class InvalidProductError(ValueError):
    """A product that can't be sold; the text is for the person who entered it."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product; the price is in the shop's only currency."""

    id: int
    name: str
    price: float
    description: str
    tags: tuple[str, ...] = ()


class Products:
    """All products, by number."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Product]:
        """Return them in the order they were added; a new shop has three."""
        if self._store.read(_KIND, "000000") is None:
            with self._store.transaction():
                self._store.write(_KIND, "000000", {"note": "the first products have been put in"})
                for product in _FIRST:
                    self._put(product)
        return [_product(document) for _, document in self._store.scan(_KIND) if "id" in document]

    def add(self, document: dict[str, object]) -> Product:
        """Add a product and return it with its number.

        Raises:
            InvalidProductError: no name, or no price.

        """
        known = self.all()
        name = str(document.get("name") or "").strip()
        if not name:
            raise InvalidProductError("a product needs a name")
        try:
            price = float(str(document.get("price") or 0))
        except ValueError:
            raise InvalidProductError("the price must be a number") from None
        if not 0 <= price < float("inf"):
            raise InvalidProductError("the price must not be negative")
        number = max((product.id for product in known), default=0) + 1
        tags = document.get("tags") or ()
        words = tags.split(",") if isinstance(tags, str) else list(tags) if isinstance(tags, list) else []
        product = Product(
            id=number,
            name=name[:200],
            price=round(price, 2),
            description=str(document.get("description") or "")[:_LONGEST],
            tags=tuple(str(word).strip()[:80] for word in words[:20] if str(word).strip()),
        )
        self._put(product)
        return product

    def _put(self, product: Product) -> None:
        self._store.write(_KIND, f"{product.id:06}", asdict(product))


def _product(document: Mapping[str, Any]) -> Product:
    """Return the product that the store keeps as this document, as `asdict` wrote it."""
    return Product(**{**document, "tags": tuple(document["tags"])})


_FIRST = (
    Product(1, "Harbour Bell Collar", 9.99, "A collar with a bell that tells where the cat is.", ("cat",)),
    Product(2, "Driftwood Scratching Post", 34.5, "For claws that would rather not meet the sofa.", ("cat",)),
    Product(3, "Lighthouse Night Bowl", 12.0, "A water bowl that glows softly in the dark.", ("dog", "cat")),
)
