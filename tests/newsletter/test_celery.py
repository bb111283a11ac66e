"""A broker that goes away takes no worker along."""

import pytest
from kombu import Queue

from newsletter.celery import app
from tests.launching import empty_broker


@pytest.fixture
def message():
    """One that a worker has taken and not acknowledged yet."""
    with app.connection_for_read() as connection:
        queue = Queue("lost", channel=connection.default_channel)
        queue.declare()
        with connection.Producer() as producer:
            producer.publish("ring", routing_key="lost")
        yield queue.get()
    empty_broker()


@pytest.mark.parametrize("deed", ["ack", "reject", "requeue"])
def test_task_that_ends_after_its_connection_was_lost_harms_nobody(message, deed):
    message.channel.close()

    getattr(message, deed)()

    assert message.acknowledged
