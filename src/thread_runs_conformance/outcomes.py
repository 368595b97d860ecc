"""The exceptions that end a case early."""


class NotTried(Exception):  # noqa: N818 - it is no error; the name is what reports print
    """The case cannot be tried here. The message gives the reason."""


class RunStopped(NotTried):
    """No more requests may be sent: the budget is spent, or the run stops at the first finding."""
