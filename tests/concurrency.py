"""A double click, as the server meets it: the same request on several threads at once."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def at_once(act: Callable[[], Any], *, times: int = 2) -> list[Any]:
    """Call `act` on threads that start together; each has its own database connection. Returns what they answered."""
    gate, answers = threading.Barrier(times), []

    def run() -> None:
        try:
            gate.wait(timeout=10)
            answers.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(answers) == times, "a thread did not answer"
    return answers
