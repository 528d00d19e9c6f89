"""Asks a chat model, through Semantic Kernel, to describe a product."""

import os

import semantic_kernel as sk
from dotenv import load_dotenv
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion, OpenAIChatCompletion

load_dotenv()

use_azure_openai = os.environ.get("USE_AZURE_OPENAI", "")
api_key = os.environ.get("OPENAI_API_KEY")

if not api_key:
    raise Exception("OPENAI_API_KEY is missing from the environment")
if use_azure_openai.lower() not in ("true", "false"):
    raise Exception("USE_AZURE_OPENAI must be 'True' or 'False'")

kernel = sk.Kernel()

if use_azure_openai.lower() == "true":
    deployment = os.environ.get("AZURE_OPENAI_DEPLOYMENT_NAME")
    endpoint = os.environ.get("AZURE_OPENAI_ENDPOINT")
    if not deployment or not endpoint:
        raise Exception("Azure OpenAI needs AZURE_OPENAI_DEPLOYMENT_NAME and AZURE_OPENAI_ENDPOINT")
    kernel.add_chat_service("chat", AzureChatCompletion(deployment, endpoint, api_key))
else:
    org_id = os.environ.get("OPENAI_ORG_ID")
    if not org_id:
        raise Exception("OPENAI_ORG_ID is missing from the environment")
    kernel.add_chat_service("chat", OpenAIChatCompletion("gpt-3.5-turbo", api_key, org_id))

# The prompt and its parameters stand in skills/ProductSkill/Description/.
product_skill = kernel.import_semantic_skill_from_directory("skills", "ProductSkill")
describe = product_skill["Description"]

description = APIRouter(prefix="/generate", tags=["generate"])


@description.post("/description", summary="Describe a product")
async def post_description(request: Request):
    try:
        product = await request.json()
        context = kernel.create_new_context()
        context["name"] = product["name"]
        context["tags"] = ", ".join(product["tags"])
        text = str(await describe.invoke_async(context=context))
    except Exception as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    # Semantic Kernel gives a failed call back as text that tells of the error.
    if "error" in text.lower():
        return PlainTextResponse(text, status_code=401)
    print(text)
    return {"description": text.replace("\n", "")}
