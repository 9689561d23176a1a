"""What the working copy refuses, and why it cannot be used.

    WorkingCopyProblem
    ├── WorkingCopyBusy     somebody else is writing
    ├── WorkingCopyDamaged  the file is not a working copy of this version, or is broken
    ├── NotHeld             there is no such service, proposal or version
    └── Refused             a change that breaks a rule; says which

Messages are plain English for a curator and name places and fields, never a person.
"""


class WorkingCopyProblem(Exception):
    """Anything the working copy refuses or cannot do; the message says what and where."""


class WorkingCopyBusy(WorkingCopyProblem):
    """Another process is writing; nothing was changed."""


class WorkingCopyDamaged(WorkingCopyProblem):
    """The file cannot be read as a working copy of this version."""


class NotHeld(WorkingCopyProblem):
    """There is no such service, proposal or version."""


class Refused(WorkingCopyProblem):
    """A change that breaks a rule; nothing was changed."""
