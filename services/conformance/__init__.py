"""The conformance kit: a scripted day against a co-operative's endpoint, before it goes live."""
