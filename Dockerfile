# The page on a CPU: docker build -t vunet . && docker run --rm -p 7860:7860 vunet
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home vunet
WORKDIR /home/vunet/app

# PyTorch's wheels for CPUs first: the lock's are for CUDA, and five gigabytes larger.
COPY requirements.txt ./
RUN pip install --no-cache-dir torch torchvision --index-url https://download.pytorch.org/whl/cpu \
    && pip install --no-cache-dir -r requirements.txt

COPY --chown=vunet app.py LICENSE README.md ./
COPY --chown=vunet vunet vunet
COPY --chown=vunet assets assets
COPY --chown=vunet checkpoints checkpoints

USER vunet
ENV GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/')"]
CMD ["python", "app.py"]
