"""The cheapest one-to-one assignment of rows to columns: the Hungarian method."""

import numpy as np

from superpos_core.arrays import FloatArray, IntArray

FREE = -1


def cheapest_assignment(costs: FloatArray) -> IntArray:
    """A column for each row, all different, shape (rows,), such that the sum of costs is smallest.

    ``costs`` has shape (rows, columns), with rows ≤ columns, and is finite. Rows
    with different cheapest columns take these at once; each other one then follows the shortest
    augmenting path (Jonker and Volgenant 1987). O(rows²·columns).
    """
    if len(costs) == 0:
        return np.zeros(0, np.int64)
    assignment = _Assignment(costs)
    for row in range(len(costs)):
        if assignment.column_of[row] == FREE:
            assignment.add(row)
    return assignment.column_of


class _Assignment:
    """The cheapest assignment of some rows, and prices that prove it.

    ``row_price`` and ``column_price`` are dual variables: the reduced cost, a cost minus the prices
    of its row and column, is ≥ 0 everywhere and 0 where a row has a column.
    """

    def __init__(self, costs: FloatArray) -> None:
        rows, columns = costs.shape
        self.costs = costs
        self.row_price = costs.min(axis=1)
        self.column_price = np.zeros(columns)
        self.row_of = np.full(columns, FREE)
        self.column_of = np.full(rows, FREE)
        cheapest, first = np.unique(costs.argmin(axis=1), return_index=True)
        self.row_of[cheapest], self.column_of[first] = first, cheapest

    def add(self, start: int) -> None:
        """Give ``start`` a column; rows along the shortest path to a free one change theirs."""
        columns = len(self.row_of)
        distance, before = np.full(columns, np.inf), np.full(columns, start)
        is_done = np.zeros(columns, np.bool_)
        row, reached = start, 0.0
        while True:
            through = reached + self.costs[row] - self.row_price[row] - self.column_price
            is_nearer = (through < distance) & ~is_done
            distance[is_nearer], before[is_nearer] = through[is_nearer], row
            column = int(np.where(is_done, np.inf, distance).argmin())
            reached = float(distance[column])
            if self.row_of[column] == FREE:
                break
            is_done[column] = True
            row = int(self.row_of[column])
        saved = reached - distance[is_done]
        self.row_price[start] += reached
        self.row_price[self.row_of[is_done]] += saved
        self.column_price[is_done] -= saved
        self._shift(column, before, start)

    def _shift(self, column: int, before: IntArray, start: int) -> None:
        """Each row of the path that ends at ``column`` takes the next column of the path."""
        row = FREE
        while row != start:
            row = int(before[column])
            given_up = int(self.column_of[row])
            self.row_of[column], self.column_of[row] = row, column
            column = given_up
