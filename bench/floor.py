"""The floor: the least a Flask page of the same fifty machines can be.

No sign-in, no layout, no buttons, no live data; Core with one statement built once, keyset,
Jinja with autoescape. What the Machines page costs above it is what its features cost.
"""

import os

from flask import Flask, render_template, request
from sqlalchemy import bindparam, select

from jarvis_admin.db import open_engine
from jarvis_admin.models import Plan, User, Workspace

_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Machines</title>
<link rel="stylesheet" href="/static/site.css"></head>
<body><nav><a href="/">Overview</a> <a href="/machines">Machines</a> <a href="/costs">Costs</a></nav>
<h1>Machines</h1>
<table class="table"><thead><tr><th>User<th>Name<th>State<th>Since<th>Region<th>Size<th>Image
<th>Last active<th>Cost</tr></thead><tbody>
{% for row in rows[:50] %}
<tr id="m-{{ row.handle }}">
<td><a href="/machines/{{ row.handle }}">{{ row.handle }}</a></td>
<td>{{ row.user }} · {{ row.plan }}{% if row.problem %} <b>{{ row.problem }}</b>{% endif %}</td>
<td><span class="badge" data-state="{{ row.state }}">{{ row.state }}</span></td>
<td>{{ row.state_since }}</td>
<td>{{ row.region }}</td>
<td>{{ row.size }}</td>
<td>{{ row.image }}</td>
<td>{{ row.last_active_at }}</td>
<td class="num">{{ "%.2f" | format(row.month_nano / 1000000000) }}</td>
</tr>
{% endfor %}
</tbody></table>
{% if rows | length > 50 %}<a href="/machines?after={{ rows[49].handle }}" rel="next">Next</a>{% endif %}
</body></html>
"""  # noqa: E501

_w, _u, _p = (model.__table__.c for model in (Workspace, User, Plan))
_rows = (
    select(
        _w.id,
        _w.handle,
        _w.state,
        _w.state_since,
        _w.problem,
        _w.region,
        _w.size,
        _w.image,
        _w.last_active_at,
        _w.month_nano,
        _u.name.label("user"),
        _p.name.label("plan"),
    )
    .select_from(Workspace.__table__)
    .outerjoin(User.__table__, _u.id == _w.user_id)
    .join(Plan.__table__, _p.id == _w.plan_id)
    .where(_w.destroyed_at.is_(None), _w.handle > bindparam("after"))
    .order_by(_w.handle, _w.id)
    .limit(51)
)

app = Flask(__name__)
_template = app.jinja_env.from_string(_PAGE)  # compiled once, autoescape on
_engine = open_engine(os.environ["DATABASE_URL"]).execution_options(read_only=True)


@app.get("/machines")
def machines() -> str:
    with _engine.connect() as connection:
        rows = connection.execute(_rows, {"after": request.args.get("after", "")}).all()
    return render_template(_template, rows=rows)


@app.get("/healthz")
def alive() -> str:
    return "ok"
