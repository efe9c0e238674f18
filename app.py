"""What gunicorn serves."""

from jarvis_admin import create_app
from jarvis_admin.config import Settings

app = create_app(Settings.from_env())
