"""What the shop's application does all day: a few point reads and writes, as its developers would write them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import psycopg

from watari.values import dataclass, field

__all__ = ["Shopper"]

_STATUSES = ("placed", "paid", "shipped", "delivered")


@dataclass(frozen=True, kw_only=True)
class Shopper:
    """One connection's worth of work on a shop of `orders` orders and a customer for every ten; it remembers nothing."""

    connection: psycopg.Connection
    orders: int
    chance: random.Random
    memory: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    def next(self) -> Callable[[], None]:
        """The next thing that somebody does: of ten, five look, three change an order, two place one."""
        turn = self.chance.randrange(10)
        if turn < 3:
            return self.look_at_order
        if turn < 5:
            return self.look_at_customer
        return self.move_order_on if turn < 8 else self.place_order

    def look_at_order(self) -> None:
        """An order with its lines."""
        self.connection.execute(
            "select o.status, o.total_yen, i.product_id, i.quantity"
            " from orders o join order_items i on i.order_id = o.id where o.id = %s",
            [self._order()],
        ).fetchall()

    def look_at_customer(self) -> None:
        """A customer's account."""
        self.connection.execute("select email, name from customers where id = %s", [self._customer()]).fetchone()

    def move_order_on(self) -> None:
        """An order is paid, shipped or delivered."""
        status = self.chance.choice(_STATUSES)
        self.connection.execute("update orders set status = %s where id = %s", [status, self._order()])

    def place_order(self) -> None:
        """An order and its line, in one transaction."""
        product, quantity = self.chance.randint(1, 1000), self.chance.randint(1, 3)
        with self.connection.transaction():
            row = self.connection.execute(
                "insert into orders (customer_id, total_yen) values (%s, %s) returning id",
                [self._customer(), (100 + product * 10) * quantity],
            ).fetchone()
            assert row is not None
            self.connection.execute(
                "insert into order_items (order_id, line, product_id, quantity) values (%s, 1, %s, %s)",
                [row[0], product, quantity],
            )

    def _order(self) -> int:
        return self.chance.randint(1, self.orders)

    def _customer(self) -> int:
        return self.chance.randint(1, max(1, self.orders // 10))
