"""The HTTP API for programs: /api/v1/, described at /api/docs (docs/api.md)."""
