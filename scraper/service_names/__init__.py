"""The names of services beside those of AWS's pages: SDK clients, their operations, nicknames."""
