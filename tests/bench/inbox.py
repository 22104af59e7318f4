"""The inbox page of one role: as fast with very many open tasks as with few."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from tests.bench.measure import compared, interleaved
from tests.bench.visit import signed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.ground import Ground
    from tests.bench.measure import Row
    from tests.bench.sizes import Sizes

LIMIT = "<= 1.5"
PAGE = "/tasks?tab=roles"

ADD_CASES = """
INSERT INTO "case" (id, reference, definition_id, unit_id, state, data, authority_data,
                    data_kinds, revision, last_event, created_at, created_by)
SELECT gen_random_uuid(), 'T-' || n, (SELECT id FROM definition WHERE key = 'kontakt'), 'aalborg',
       'active', '{}', '{}', '{}', 0, 0, now(), 'koordinator'
  FROM generate_series(1, :count) n
"""
ADD_TASKS = """
INSERT INTO user_task (id, case_id, instance_id, element, name, role, unit_id, form, state,
                       created_at, due_at, priority, local, documentation)
SELECT gen_random_uuid(), c.id, c.id, 'samtale', 'Hold samtale', 'Koordinator', 'aalborg',
       'samtale.form.json', 'open', now(), now() + random() * interval '60 days', 50, '{}', ''
  FROM "case" c
"""
ADD_DEADLINES = """
INSERT INTO deadline (id, case_id, instance_id, element, name, role, task_id, started_at, duration,
                      calendar, roll, due_at, original_due_at, legal_basis, pausable, arithmetic,
                      state)
SELECT gen_random_uuid(), t.case_id, t.instance_id, t.element, t.name, t.role, t.id, t.created_at,
       'P7D', 'working', 'none', t.due_at, t.due_at, '', true, '[]', 'open'
  FROM user_task t
"""


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """The whole page, two databases in turn."""
    with closing(ground.another()) as few:
        acts = {"few": _page(few, sizes.few_tasks), "many": _page(ground, sizes.many_tasks)}
        blocks = interleaved(acts, sizes.rounds, sizes.each)
    name = f"inbox page at {sizes.many_tasks} open tasks, against {sizes.few_tasks}"
    yield compared(name, blocks["many"], blocks["few"], LIMIT)


def _page(ground: Ground, tasks: int) -> Callable[[], Callable[[], object]]:
    ground.execute(ADD_CASES, count=tasks)
    ground.execute(ADD_TASKS)
    ground.execute(ADD_DEADLINES)
    ground.execute("ANALYZE")
    client = signed_in(ground)

    def read() -> None:
        answer = client.get(PAGE)
        assert answer.status_code == 200, answer.text

    return lambda: read
