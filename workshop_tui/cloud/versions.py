"""The api-versions of Azure Resource Manager that we speak: the stable ones, in one table."""

GROUPS = "2025-04-01"
CLUSTERS = "2025-08-01"
IDENTITIES = "2024-11-30"
ROLES = "2022-04-01"
ACCOUNTS = "2025-06-01"
CHAT = "2024-10-21"
"""Of the account's data plane: the last dated stable version of Azure OpenAI's REST API."""
