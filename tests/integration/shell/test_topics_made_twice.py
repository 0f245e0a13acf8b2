"""Topics on a real broker: whoever creates them, and however often, they are there and nobody fails over it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from kafka.admin import KafkaAdminClient

from streams.topics import TOPICS, create_topics
from tests.stack import Stores, wait_until

pytestmark = pytest.mark.broker


def test_two_starts_at_once_make_the_topics_together(stores: Stores) -> None:
    """As when a slow broker's answer is lost and the client asks again."""
    ours = {topic.name for topic in TOPICS}
    admin = KafkaAdminClient(bootstrap_servers=stores.stack.bootstrap)
    try:
        admin.delete_topics(sorted(ours))
        wait_until(lambda: not ours & set(admin.list_topics()), "topics deleted")
        with ThreadPoolExecutor(4) as starts:
            made = list(starts.map(lambda _: create_topics(stores.stack.bootstrap, 2), range(4)))
        assert ours <= set(admin.list_topics())
        assert set().union(*made) == ours
        assert create_topics(stores.stack.bootstrap, 2) == []
    finally:
        admin.close()
