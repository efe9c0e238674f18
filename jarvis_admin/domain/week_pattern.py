"""What a week of use looks like, learned a day at a time; recent weeks count most."""

from dataclasses import dataclass, field

_PPM = 10**6


@dataclass
class Pattern:
    """A level that forgets half of itself in ten days, and what each weekday is of it."""

    _amount: int = 0  # decayed sum of amounts, and of the weekday's shares that go with them
    _share: int = 0
    _sums: list[int] = field(default_factory=lambda: [0] * 7)
    _weights: list[int] = field(default_factory=lambda: [0] * 7)
    _seen: list[int] = field(default_factory=lambda: [0] * 7)

    def learn(self, weekday: int, nano: int) -> None:
        self._sums[weekday] = self._sums[weekday] * 3 // 4 + nano
        self._weights[weekday] = self._weights[weekday] * 3 // 4 + _PPM
        self._seen[weekday] += 1
        share = self._shares()[weekday]
        self._amount = self._amount * 14 // 15 + nano
        self._share = self._share * 14 // 15 + share

    def expected(self, weekday: int) -> int:
        return self._amount * self._shares()[weekday] // self._share if self._share else 0

    def sum_ahead(self, weekday: int, days: int) -> int:
        if not self._share:
            return 0
        shares = self._shares()
        weeks, rest = divmod(days, 7)
        total = weeks * sum(shares) + sum(shares[(weekday + n) % 7] for n in range(rest))
        return self._amount * total // self._share

    def _shares(self) -> list[int]:
        """In millionths of an average day; a weekday seldom seen is taken as average."""
        means = [s * _PPM // w if w else 0 for s, w in zip(self._sums, self._weights, strict=True)]
        known = [mean for mean, w in zip(means, self._weights, strict=True) if w]
        average = sum(known) // len(known) if known else 0
        if average <= 0:
            return [_PPM] * 7
        return [
            _PPM * (2 * n * mean + average) // ((2 * n + 1) * average)
            for mean, n in zip(means, self._seen, strict=True)
        ]
