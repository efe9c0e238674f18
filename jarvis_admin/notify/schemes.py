"""The services that an address may name.

A list of what is allowed: Apprise also speaks to desktops, system logs and message buses of the
machine it runs on, and to dozens of services that nobody here has looked at.
"""

# What stands before the first colon, and how people call it.
SERVICES = {
    "mailto": "Mail",
    "mailtos": "Mail",
    "json": "Webhook",
    "jsons": "Webhook",
    "form": "Webhook",
    "forms": "Webhook",
    "slack": "Slack",
    "msteams": "Microsoft Teams",
    "workflow": "Microsoft Teams",
    "workflows": "Microsoft Teams",
    "discord": "Discord",
    "tgram": "Telegram",
    "gchat": "Google Chat",
    "webex": "Webex",
    "mmost": "Mattermost",
    "mmosts": "Mattermost",
    "rocket": "Rocket.Chat",
    "rockets": "Rocket.Chat",
    "matrix": "Matrix",
    "matrixs": "Matrix",
    "zulip": "Zulip",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "gotify": "Gotify",
    "gotifys": "Gotify",
    "pover": "Pushover",
    "pagerduty": "PagerDuty",
    "opsgenie": "Opsgenie",
    "splunk": "Splunk On-Call",
    "ses": "Amazon SES",
    "sns": "Amazon SNS",
    "mailgun": "Mailgun",
    "postmark": "Postmark",
    "resend": "Resend",
    "sendgrid": "SendGrid",
}

# Here the host is a host; elsewhere a token may stand in its place.
HOST_IS_NO_SECRET = frozenset(
    {"mailto", "mailtos", "json", "jsons", "form", "forms", "gotify", "gotifys"}
)
