"""Who is in the demo fleet: plans, users, staff. Invented names, no real people."""

from dataclasses import dataclass

NANO = 10**9

PLANS = (
    # key, name, size, volume GB, idle policy, snapshot days, price to the user per month
    ("free", "Free", "shared-cpu-1x:512MB", 3, "proxy", 5, 0),
    ("pro", "Pro", "shared-cpu-2x:2048MB", 10, "activity", 14, 20 * NANO),
    ("team", "Team", "shared-cpu-4x:4096MB", 20, "activity", 30, 45 * NANO),
)


@dataclass(frozen=True)
class Person:
    handle: str
    name: str
    plan: str
    region: str
    age_days: int
    sessions_a_day: float
    now: str  # the state the machine is in when the demo begins


def _person(line: str) -> Person:
    handle, name, plan, region, age, sessions, now = (part.strip() for part in line.split("|"))
    return Person(handle, name, plan, region, int(age), float(sessions), now)


PEOPLE = tuple(
    _person(line)
    for line in """\
alice | Alice Hartmann | pro | fra | 60 | 2.4 | started
aaron | Aaron Kessler | pro | fra | 60 | 1.2 | suspended
abigail | Abigail Thorne | pro | iad | 58 | 2.0 | started
ada | Ada Nwosu | team | lhr | 60 | 3.1 | started
adele | Adèle Fournier | free | fra | 41 | 0.5 | suspended
aditi | Aditi Rao | pro | nrt | 52 | 1.6 | suspended
agnes | Agnes Lindholm | free | fra | 60 | 0.1 | stopped
ahmed | Ahmed Mansour | team | fra | 60 | 2.7 | started
aiko | Aiko Tanabe | pro | nrt | 33 | 1.8 | started
akira | Akira Fujimoto | free | nrt | 60 | 0.6 | suspended
alan | Alan Whitfield | pro | iad | 60 | 1.4 | suspended
alba | Alba Serrano | free | lhr | 22 | 0.4 | stopped
alejandra | Alejandra Ruiz | pro | gru | 60 | 1.5 | suspended
alex | Alex Moreno | team | iad | 60 | 2.9 | started
alina | Alina Petrova | pro | fra | 47 | 1.1 | suspended
amara | Amara Okeke | pro | lhr | 60 | 1.3 | suspended
amelie | Amélie Laurent | team | lhr | 60 | 1.9 | stopped
amir | Amir Hosseini | free | fra | 60 | 0.7 | suspended
ana | Ana Beatriz Lima | pro | gru | 38 | 1.4 | suspended
anders | Anders Nyström | pro | fra | 60 | 0.2 | stopped
andrea | Andrea Conti | pro | fra | 60 | 2.2 | started
anita | Anita Kapoor | free | syd | 29 | 0.5 | suspended
anouk | Anouk de Vries | team | fra | 60 | 3.4 | started
antonio | Antônio Barros | pro | gru | 60 | 1.7 | started
aoife | Aoife Byrne | pro | lhr | 60 | 1.2 | suspended
arjun | Arjun Menon | pro | syd | 60 | 1.6 | started
asher | Asher Goldberg | free | iad | 12 | 0.6 | stopped
astrid | Astrid Holm | pro | fra | 60 | 1.5 | suspended
mei | Mei Tanaka | team | nrt | 19 | 2.5 | started
zoe | Zoë Marchetti | free | syd | 6 | 0.9 | started
""".splitlines()
)

STAFF = (
    ("admin", "marta@jarvis.example", "Marta Keller"),
    ("support", "jonas@jarvis.example", "Jonas Brandt"),
    ("finance", "lea@jarvis.example", "Lea Fontaine"),
)
