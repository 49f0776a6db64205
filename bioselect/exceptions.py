"""Every error that a user can act on.

The command line prints the message of a :class:`BioselectError` as it stands, without a
traceback, and exits with 1. So each message is one line (or one line a problem) that names the
thing, the rule, the value and the next step. Anything else that is raised is a fault of ours.
"""


class BioselectError(Exception):
    """Something the user can put right."""


class ConfigurationError(BioselectError):
    """The configuration file is wrong; the message lists every problem, one a line."""


class ComponentError(BioselectError):
    """A name, an import path or a parameter of a component is wrong."""


class DataError(BioselectError):
    """The data set as a whole cannot be used."""


class UnreadableImageError(DataError):
    """One image file cannot be read, or does not fit what a component accepts."""


class ChangedImageError(UnreadableImageError):
    """An image is no longer what it was when the study that uses it began."""


class UnavailableError(BioselectError):
    """Something that is needed (weights, an optional library) cannot be had on this machine."""


class WorkerDiedError(BioselectError):
    """A process that worked for this one ended unexpectedly."""


class ClusterError(BioselectError):
    """The scheduler or the workers that should compute cannot be used, or are gone."""


class StorageError(BioselectError):
    """A file of ours cannot be written or read: disk full, no permission, damaged, locked."""


class BundleError(BioselectError):
    """A model bundle is damaged, too new, or holds something that must not be loaded."""
