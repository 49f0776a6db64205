"""A process that does nothing: tests say what it tells, and see what it was asked."""

from typing import ClassVar


class PlayedChild:
    """Stands in place of :class:`bioselect.app.children.Child`."""

    made: ClassVar[list] = []

    def __init__(self, folder, told, ended):
        self.told, self.ended, self.asked = told, ended, []
        self.interrupted = self.killed = False
        self.process = type("Process", (), {"stdin": None, "returncode": 0})
        PlayedChild.made.append(self)

    @property
    def is_alive(self):
        return not self.killed

    def send(self, request):
        self.asked.append(request)

    def interrupt(self):
        self.interrupted = True

    def kill(self):
        self.killed = True
