"""The parts of `authwire.testing.adapter_contract`, one for each table."""
