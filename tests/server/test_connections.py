"""Places for connections are shared fairly, and found for new ones."""

from __future__ import annotations

from dashboard.server.connections import ConnectionTable


class Connection:
    def __init__(self, host: str = "192.0.2.1") -> None:
        self.address = (host, 4711)
        self.is_open = True
        self.checked_at: float | None = None

    def shut_down(self) -> None:
        self.is_open = False

    def expire_if_overdue(self, now: float) -> None:
        self.checked_at = now


def make_table(*, places: int = 3, per_client: int = 100) -> ConnectionTable:
    """`proxy` is an address without a limit."""
    return ConnectionTable(
        places=places, per_client=per_client, client_of=lambda host: None if host == "proxy" else host
    )


def admit(table: ConnectionTable, count: int, host: str = "192.0.2.1") -> list[Connection]:
    connections = [Connection(host) for _ in range(count)]
    assert all([table.admit(connection) for connection in connections])
    return connections


def open_ones(connections: list[Connection]) -> list[int]:
    return [number for number, connection in enumerate(connections) if connection.is_open]


def test_longest_waiting_connection_makes_room() -> None:
    table = make_table()
    connections = admit(table, 3, "proxy")
    table.mark_waiting(connections[0])
    admit(table, 1, "proxy")
    assert open_ones(connections) == [0, 2] and len(table) == 3
    admit(table, 2)
    assert open_ones(connections) == []


def test_working_connection_is_never_closed() -> None:
    table = make_table()
    connections = admit(table, 3, "proxy")
    for connection in connections[:2]:
        table.mark_working(connection)
    admit(table, 1)
    assert open_ones(connections) == [0, 1] and table.has_place
    table.mark_waiting(connections[0])
    admit(table, 1)
    assert table.has_place


def test_without_a_waiting_connection_there_is_no_place() -> None:
    table = make_table()
    connections = admit(table, 3)
    for connection in connections:
        table.mark_working(connection)
    assert not table.has_place
    table.remove(connections[0])
    assert table.has_place and len(table) == 2


def test_client_with_too_many_loses_its_own_longest_waiting() -> None:
    table = make_table(places=100, per_client=3)
    other = admit(table, 3, "192.0.2.2")
    own = admit(table, 4)
    assert open_ones(own) == [1, 2, 3] and open_ones(other) == [0, 1, 2]


def test_client_with_too_many_working_is_refused() -> None:
    table = make_table(places=100, per_client=3)
    for connection in admit(table, 3):
        table.mark_working(connection)
    assert not table.admit(Connection())
    admit(table, 3, "192.0.2.2")


def test_proxy_has_no_limit_of_its_own() -> None:
    assert open_ones(admit(make_table(places=100, per_client=3), 50, "proxy")) == list(range(50))


def test_detached_connection_frees_its_place_and_still_counts_for_its_client() -> None:
    table = make_table(places=100, per_client=2)
    [first] = admit(table, 1)
    release = table.detach(first)
    assert len(table) == 0
    [second] = admit(table, 1)
    table.mark_working(second)
    assert not table.admit(Connection())
    release()
    admit(table, 1)
    table.remove(first)
    assert first.is_open and len(table) == 2


def test_connection_that_was_closed_for_room_stays_uncounted() -> None:
    table = make_table(places=1)
    [first] = admit(table, 1)
    admit(table, 1)
    table.mark_waiting(first)
    table.mark_working(first)
    table.remove(first)
    assert len(table) == 1
    table.detach(first)()
    assert len(table) == 1


def test_stop_closes_what_waits_and_lets_the_rest_work() -> None:
    table = make_table()
    connections = admit(table, 3)
    table.mark_working(connections[1])
    table.shut_down_waiting()
    assert open_ones(connections) == [1]


def test_every_connection_is_checked_for_its_deadline() -> None:
    table = make_table()
    connections = admit(table, 3)
    table.mark_working(connections[1])
    table.expire_overdue(17.5)
    assert [connection.checked_at for connection in connections] == [17.5] * 3
