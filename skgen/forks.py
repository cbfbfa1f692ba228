"""What a forked process begins anew: it has one thread, and none that would open a lock."""

import os


def in_each_child(function):
    """Call a function in every process that is forked from this one, where the system forks."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)
    return function
