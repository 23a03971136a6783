# The page on a CPU: docker build -t vunet . && docker run --rm -p 7860:7860 vunet
FROM python:3.12-slim-bookworm AS build

# PyTorch's wheels for CPUs first: those of PyPI are for CUDA, and four gigabytes larger.
RUN pip install --no-cache-dir --no-compile --prefix /installed torch torchvision --index-url https://download.pytorch.org/whl/cpu
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY vunet vunet
COPY assets assets
COPY checkpoints checkpoints
RUN PYTHONPATH=/installed/lib/python3.12/site-packages pip install --no-cache-dir --no-compile --prefix /installed .

FROM python:3.12-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home vunet
COPY --from=build /installed /usr/local

USER vunet
WORKDIR /home/vunet
ENV GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/')"]
CMD ["vunet"]
