# One image for web, worker, trainer and beat.
FROM python:3.13-slim-bookworm

# Which PyTorch: nothing takes the CPU build, as `./run` does; give a CUDA index when building for GPU machines.
ARG TORCH_INDEX_URL=""
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    HUNTER_HOME=/data \
    PROMETHEUS_MULTIPROC_DIR=/tmp/hunter-metrics \
    PATH=/srv/hunter/.venv/bin:$PATH

WORKDIR /srv/hunter
COPY run run
COPY requirements requirements
RUN TORCH_INDEX_URL="${TORCH_INDEX_URL}" HUNTER_HOME=/tmp/setup ./run setup

COPY . .
RUN useradd --system --uid 10001 --home-dir /data hunter \
    && mkdir /data \
    && chown hunter:hunter /data
USER 10001
# The static files are in the image, so that a web container needs no shared disk; `prepare` renews them in an old volume.
RUN HUNTER_SECRET_KEY=build HUNTER_BROKER_URL=redis://localhost python manage.py prepare --static-only
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "hunter.wsgi:application", "-w", "2", "--threads", "4", "-k", "gthread", "-c", "python:hunter.serving", "--bind", "0.0.0.0:8000", "--no-control-socket"]
