"""An estimator that cannot take the program down with it: one that crashes or hangs is given up for a new one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np

from vunet.errors import NoPersonFound, VUNetError
from vunet.pose.estimate import Detection, Estimator

SECONDS = 30.0  # a photo takes a tenth of one; the largest crowd ten
FAILED = "Finding the pose failed: try again, or another photo."


class WatchedEstimator:
    """Finds people with the estimator that `load` makes when it is first needed. Safe to call from several threads."""

    def __init__(self, load: Callable[[], Estimator], seconds: float = SECONDS) -> None:
        self._load, self._seconds = load, seconds
        self._lock = threading.Lock()
        self._estimator: Estimator | None = None

    name = "watched"

    def detect(self, photo: np.ndarray) -> list[Detection]:
        """See `Estimator.detect`. Raises `NoPersonFound` when the estimator crashed or takes too long."""
        estimator = self._ready()
        answer: Future[list[Detection]] = Future()
        threading.Thread(target=_answer, args=(estimator, photo, answer), daemon=True).start()
        try:
            return answer.result(self._seconds)
        except VUNetError:
            raise
        except Exception:  # whatever a foreign library raises, and the time limit
            self._give_up(estimator)
            raise NoPersonFound(FAILED) from None

    def _ready(self) -> Estimator:
        with self._lock:
            if self._estimator is None:
                self._estimator = self._load()
            return self._estimator

    def _give_up(self, estimator: Estimator) -> None:
        with self._lock:
            if self._estimator is estimator:
                self._estimator = None


def _answer(estimator: Estimator, photo: np.ndarray, answer: Future[list[Detection]]) -> None:
    try:
        answer.set_result(estimator.detect(photo))
    except BaseException as error:
        answer.set_exception(error)
