"""Errors that a user can act on. Each carries one clear sentence and says what to do."""


class VUNetError(Exception):
    """Base of every error whose message is meant for the user."""


class NoPersonFound(VUNetError):
    """No usable body: both shoulders and both hips have to be visible."""


class BadImage(VUNetError):
    """The file is not a picture that can be used."""


class BadPose(VUNetError):
    """The skeleton cannot be read or used."""


class BadCheckpoint(VUNetError):
    """The weights are missing, damaged, or made for another model."""


class HubUnavailable(VUNetError):
    """The Hugging Face Hub cannot be reached and nothing usable is cached."""


class Busy(VUNetError):
    """Too many wait for the same cores."""


class Superseded(VUNetError):
    """A newer call of the same visitor took this one's place: nobody waits for its answer."""


class ModelFailed(VUNetError):
    """The model ran out of memory, or its output is no picture."""


class BadMotion(VUNetError):
    """A film or a motion that cannot be used."""
