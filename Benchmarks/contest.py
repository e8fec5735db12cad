"""Contestants that take turns at the same work, each time in a process of its own.

Turns are what makes a comparison fair on a machine whose speed drifts.
"""

import statistics
import sys

from processes import Failure, measure

# A rival that takes this many times as long as the fastest in the first round has no chance and is out.
HOPELESS = 1.2


class Contestant:
    """A command that prints what it measures as JSON, and what it has printed so far."""

    def __init__(self, name, command):
        self.name = name
        self.command = command
        self.results = []

    def run(self):
        self.results.append(measure(self.command))

    def median(self, figure="milliseconds"):
        return statistics.median(result[figure] for result in self.results)


class Contest:
    """Ours against rivals at the same work. A rival may run in several ways; the fastest counts."""

    def __init__(self, work, batch, ours, rivals):
        self.work = work
        self.batch = batch
        self.ours = ours
        self.rivals = rivals
        self.racing = list(rivals)
        self.problems = []

    def hold(self, rounds):
        for number in range(rounds):
            contestants = [self.ours, *self.racing]
            # Forth and back, so that none always has the quieter end of a round.
            for contestant in contestants if number % 2 == 0 else reversed(contestants):
                self._run(contestant)
            self._log(number)
            if number == 0 and self.racing:
                limit = HOPELESS * self.best.median()
                self.racing = [rival for rival in self.racing if rival.median() <= limit]
        return self

    def _run(self, contestant):
        """A rival that fails is out; if ours does, there is nothing to compare."""
        try:
            contestant.run()
        except Failure as failure:
            if contestant is self.ours:
                raise
            self.racing.remove(contestant)
            self.problems.append(f"{contestant.name}: {failure}")

    def withdraw(self, reason):
        """Takes all rivals out."""
        self.racing = []
        self.problems.append(reason)

    def _log(self, number):
        times = [f"{each.name} {each.results[-1]['milliseconds']:,.1f} ms" for each in [self.ours, *self.racing]]
        print(f"{self.work}, round {number + 1}: {', '.join(times)}", file=sys.stderr)

    def speed(self, contestant):
        """Images per second."""
        return self.batch / contestant.median() * 1e3

    @property
    def best(self):
        """The fastest rival, if any is left."""
        return min(self.racing, key=Contestant.median, default=None)

    @property
    def ratio(self):
        return self.best.median() / self.ours.median()

    @property
    def ratios(self):
        """By round."""
        return [theirs["milliseconds"] / ours["milliseconds"]
                for ours, theirs in zip(self.ours.results, self.best.results)]
