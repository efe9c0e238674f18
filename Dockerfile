# syntax=docker/dockerfile:1
FROM node:24-slim AS assets
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim AS libraries
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13-slim
RUN useradd --system --create-home --uid 10001 jarvis && mkdir /data && chown jarvis /data
WORKDIR /app
COPY --from=libraries /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PROMETHEUS_MULTIPROC_DIR=/var/lib/metrics
COPY app.py gunicorn.conf.py alembic.ini ./
COPY migrations migrations
COPY archiver archiver
COPY jarvis_admin jarvis_admin
COPY tools tools
COPY templates templates
COPY static static
COPY --from=assets /app/node_modules /opt/node_modules
RUN ln -s /opt/node_modules node_modules && python -m tools.assets && rm -r node_modules /opt/node_modules \
    && mkdir -p /var/lib/metrics && chown -R jarvis /var/lib/metrics
USER jarvis
EXPOSE 8000
CMD ["gunicorn", "app:app", "--config", "gunicorn.conf.py"]
