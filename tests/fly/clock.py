"""A clock that tests hold: sleeping moves it."""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if seconds > 1e-6:  # less is the noise of adding floats
            self.naps.append(seconds)
        self.now += seconds
