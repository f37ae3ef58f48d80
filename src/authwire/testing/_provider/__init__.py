"""The parts of `authwire.testing.provider.FakeProvider`, one for each endpoint."""
