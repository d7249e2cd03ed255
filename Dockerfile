# One image for web, worker, trainer and beat.
FROM python:3.13-slim-bookworm

# The CPU build of PyTorch; give another index (CUDA) when building for GPU machines.
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    HUNTER_HOME=/data

WORKDIR /srv/hunter
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/base.txt \
    && pip install --no-cache-dir --index-url "${TORCH_INDEX_URL}" torch==2.13.0 \
    && pip check

COPY . .
RUN useradd --system --uid 10001 --home-dir /data hunter \
    && mkdir /data \
    && chown hunter:hunter /data
USER 10001
# The static files are in the image, so that a web container needs no shared disk; `prepare` renews them in an old volume.
RUN HUNTER_SECRET_KEY=build HUNTER_BROKER_URL=redis://localhost python manage.py prepare --static-only
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "hunter.wsgi:application", "-w", "2", "--threads", "4", "-k", "gthread", "--bind", "0.0.0.0:8000", "--no-control-socket"]
