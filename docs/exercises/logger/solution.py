"""A logger: the numbers of a run as a table in Markdown."""

from pathlib import Path


class MarkdownTable:
    """Writes a row for each step, and a column for each number of the first."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.write_text("", encoding="utf-8")
        self.names = None

    def log_scalars(self, step, scalars):
        """Take one number for each name; write the row, at once."""
        if self.names is None:
            self.names = list(scalars)
            self._write(["step", *self.names])
            self._write(["---"] * (1 + len(self.names)))
        if unknown := scalars.keys() - set(self.names):
            raise ValueError(
                f"MarkdownTable: {', '.join(sorted(unknown))} is new at step {step}; "
                f"the table has the columns {', '.join(self.names)}"
            )
        numbers = [f"{scalars[n]:.4g}" if n in scalars else "" for n in self.names]
        self._write([str(step), *numbers])

    def _write(self, cells):
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"| {' | '.join(cells)} |\n")
