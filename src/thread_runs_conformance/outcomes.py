"""How a case can end other than by running to its end."""


class NotTried(Exception):  # noqa: N818 - it is no error; the name is what reports print
    """The case cannot be tried here; the message says why."""


class RunStopped(NotTried):
    """No request may be sent any more: the budget is spent, or the run stops at the first finding."""
