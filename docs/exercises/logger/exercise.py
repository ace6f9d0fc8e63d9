"""A logger: the numbers of a run as a table in Markdown.

A logger is anything with `log_scalars(step, scalars)`; `fit` takes it among its
callbacks. Write one whose file can be put into a report as it is.
"""

from pathlib import Path


class MarkdownTable:
    """Writes a row for each step, and a column for each number of the first.

    Args:
        path: the file, written anew.

    The file of two epochs:

        | step | loss | accuracy |
        | --- | --- | --- |
        | 10 | 0.5 | 0.75 |
        | 20 | 0.25 | 0.875 |
    """

    def __init__(self, path):
        self.path = Path(path)

    def log_scalars(self, step, scalars):
        """Take one number for each name; write the row, at once.

        Numbers as ``f"{number:.4g}"`` gives them. The first call writes the head too.
        A name that the first call did not have is a ValueError that says the name;
        one that is missing leaves its cell empty.
        """
        raise NotImplementedError("log_scalars(step, scalars) writes a row")
