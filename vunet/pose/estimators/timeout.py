"""A pose estimator with a time limit: one that crashes or hangs is replaced by a new one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np

from vunet.errors import NoPersonFound, VUNetError
from vunet.pose.estimators.detection import Detection, Estimator

TIMEOUT = 30.0  # a photo takes a tenth of one; the largest crowd ten
FAILED = "Finding the pose failed: try again, or another photo."


class EstimatorWithTimeout:
    """Finds people with the estimator that `load` makes when it is first needed. Safe to call from several threads."""

    def __init__(self, load: Callable[[], Estimator], seconds: float = TIMEOUT) -> None:
        self._load, self._seconds = load, seconds
        self._lock = threading.Lock()
        self._estimator: Estimator | None = None

    name = "with timeout"

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
            self._discard(estimator)
            raise NoPersonFound(FAILED) from None

    def _ready(self) -> Estimator:
        with self._lock:
            if self._estimator is None:
                self._estimator = self._load()
            return self._estimator

    def _discard(self, estimator: Estimator) -> None:
        with self._lock:
            if self._estimator is estimator:
                self._estimator = None


def _answer(estimator: Estimator, photo: np.ndarray, answer: Future[list[Detection]]) -> None:
    try:
        answer.set_result(estimator.detect(photo))
    except BaseException as error:
        answer.set_exception(error)
