"""Ctrl-C that waits until what it would tear apart is whole."""

import signal
import threading

_of_thread = threading.local()


class Interrupts:
    """A context in which SIGINT is answered between ``release`` and ``hold`` at once, else noted.

    What was noted is answered by ``check`` or ``ask``, or at the end; a second SIGINT is answered
    at once. The answer is that of the handler found, which raises KeyboardInterrupt unless the user
    has set another. Only the main thread gets signals; in others nothing is ever noted.
    """

    def __init__(self):
        self.stopped = False
        self._held, self._noted, self._handler = True, None, None

    def __enter__(self):
        handler = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(handler):
            self._handler = handler
            signal.signal(signal.SIGINT, self._on_signal)
        _nested().append(self)
        return self

    def __exit__(self, kind, error, traceback):
        self._held = True
        _nested().remove(self)
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
        self.check()
        # A compiled kernel calls Python for its BLAS, and turns an exception there into its own.
        if kind is SystemError and isinstance(error.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from error

    def _on_signal(self, number, frame):
        if self._held and self._noted is None and not self.stopped:
            self._noted = number, frame
            return
        self._noted = None
        self._handler(number, frame)

    def hold(self):
        """From now on note a SIGINT instead of answering it."""
        self._held = True

    def release(self):
        """Answer what was noted, and from now on all others at once."""
        self._held = False
        self.check()

    def check(self):
        """Answer what was noted."""
        if self._noted is not None:
            noted, self._noted = self._noted, None
            self._handler(*noted)

    def ask(self):
        """Whether a fit should stop here, now or since an earlier call."""
        try:
            self.check()
        except KeyboardInterrupt:
            self.stopped = True
        return self.stopped


def innermost():
    """The ``Interrupts`` that this thread entered last; one without effect outside of any."""
    nested = _nested()
    return nested[-1] if nested else Interrupts()


def _nested():
    """The ``Interrupts`` that this thread is in."""
    return vars(_of_thread).setdefault("nested", [])
