"""The shop's AI service: a FastAPI app that writes product descriptions."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from routers.description_generator import description

app = FastAPI(title="ai-service")
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
app.include_router(description)


@app.get("/health", summary="Tell whether the service is up")
def health() -> dict:
    return {"status": "ok"}
