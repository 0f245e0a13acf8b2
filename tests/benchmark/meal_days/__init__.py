"""Grubhub meal days (mdrplib; Reyes et al. 2018): a day simulated event by event under one of three policies."""
