"""What gunicorn serves."""

from jarvis_admin.config import Settings
from jarvis_admin.console import create_app

app = create_app(Settings.from_env())
