"""Azure Resource Manager with the resource providers the workshop needs."""
