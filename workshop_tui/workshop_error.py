"""What is wrong with a workshop folder, in sentences."""


class WorkshopError(Exception):
    """A workshop folder cannot be used; the message names the file, the line if there is one, what to do."""


class UnknownStepError(WorkshopError):
    """Somebody named a step that the workshop does not have."""
