"""Work that takes the PBX time. There is no clock: it is done when it has been looked for often enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Task:
    """Something under way. looks: how many more find it undone; finish: what is so when it is done."""

    name: str
    looks: int
    finish: Callable[[], object]


class Work:
    """Pending work, by the entity set in which its result will appear."""

    def __init__(self) -> None:
        self._tasks: dict[str, list[Task]] = {}

    def copy(self) -> Work:
        """Another one with the same under way."""
        other = Work()
        other._tasks = {name: list(tasks) for name, tasks in self._tasks.items()}
        return other

    def begin(self, entity_set: str, name: str, looks: int, finish: Callable[[], object]) -> None:
        """Put something under way in the place of what was under way by that name; done at once where no look is to
        find it undone.
        """
        self._tasks[entity_set] = [task for task in self._tasks.get(entity_set, ()) if task.name != name]
        if looks <= 0:
            finish()
        else:
            self._tasks[entity_set].append(Task(name, looks, finish))

    def under_way(self, entity_set: str) -> list[str]:
        """The names of what is under way."""
        return [task.name for task in self._tasks.get(entity_set, ())]

    def look(self, entity_set: str) -> None:
        """Somebody looks: what has been looked for often enough is done before the look, the others
        are nearer to it.
        """
        if entity_set not in self._tasks:
            return
        left = []
        for task in self._tasks[entity_set]:
            if task.looks == 0:
                task.finish()
            else:
                left.append(Task(task.name, task.looks - 1, task.finish))
        self._tasks[entity_set] = left
