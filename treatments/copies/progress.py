"""How far a long task is, in a file that a page reads while another process does the task."""

import json
import os
import time
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

_EVERY_SECONDS: Final = 0.5


@dataclass
class Progress:
    """`done` of `total` of what `step` does. `is_over` with `fault` "" is a good end. `facts` are for the task itself,
    when it is run again. Nothing in it is secret."""

    path: Path
    step: str = ""
    done: int = 0
    total: int = 0
    fault: str = ""
    is_over: bool = False
    process: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    _written: float = 0.0

    @classmethod
    def read(cls, path: Path) -> Self:
        """What the file says; a new one where there is none, or where it is none of ours."""
        try:
            return cls(path=path, **json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return cls(path=path)

    def begin(self, step: str, total: int = 0) -> None:
        self.step, self.done, self.total = step, 0, total
        self.process, self.is_over, self.fault = os.getpid(), False, ""
        self.write()

    def advance(self) -> None:
        self.done += 1
        if time.monotonic() - self._written > _EVERY_SECONDS:
            self.write()

    def end(self, fault: str = "") -> None:
        self.is_over, self.fault = True, fault
        self.write()

    def is_alive(self) -> bool:
        """Whether the process that wrote it still works."""
        if self.is_over or not self.process:
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def write(self) -> None:
        """Whole or not at all."""
        told = {key: value for key, value in asdict(self).items() if key not in {"path", "_written"}}
        part = self.path.with_name(f".{self.path.name}.{uuid.uuid4().hex}")
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with part.open("w") as file:
                json.dump(told, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)
        self._written = time.monotonic()
