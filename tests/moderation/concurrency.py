"""Acts that run at the same time, in threads with database connections of their own."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection

from tokensvc.web.refusals import Refusal


def races(test: Callable[..., None]) -> Any:
    """Mark a test that needs writers which wait for each other."""
    waiting = pytest.mark.usefixtures("_waiting_writers")(test)
    return pytest.mark.django_db(transaction=True)(waiting)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run each act in a thread; return their results, or the code or text of their errors."""
    answers: list[Any] = [None] * len(acts)

    def run(number: int) -> None:
        try:
            answers[number] = acts[number]()
        except Refusal as refused:
            answers[number] = refused.code
        except DatabaseError as error:
            answers[number] = str(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
