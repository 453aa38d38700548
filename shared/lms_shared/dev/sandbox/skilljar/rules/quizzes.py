"""Quizzes, question banks and their questions."""

from __future__ import annotations

from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store

_OWNERS = ("quiz_id", "question_bank_id")


def _create_question(call: Call, row: Row) -> None:
    store = call.store
    owners = [name for name in _OWNERS if row.get(name)]
    if len(owners) != 1:
        raise bad_request(non_field_errors="Either quiz or quiz_question_bank is needed.")
    answers = row.get("answers", [])
    if row["type"] != "FREEFORM" and not answers:
        raise bad_request(answers="This field is required for this type of question.")
    row["order"] = len(store["questions"].ids_where(owners[0], row[owners[0]])) + 1
    row["answers"] = [
        {"id": store.new_id(), "correct": False, **answer, "order": number}
        for number, answer in enumerate(answers, start=1)
    ]


def _update_question(_: Call, question: Row, changes: Row) -> None:
    """Observed: without the quiz it is a 400; answers and order are ignored with 200."""
    if question.get("quiz_id") and not changes.get("quiz_id"):
        raise bad_request(quiz="This field is required.")


def _bank_links(store: Store, bank: Row) -> int:
    return len(store["quiz_banks"].ids_where("question_bank_id", bank["id"]))


def _bank_questions(store: Store, bank: Row) -> int:
    return len(store["questions"].ids_where("question_bank_id", bank["id"]))


def _linked_bank(store: Store, link: Row) -> Row:
    return store["question_banks"].rows[link["question_bank_id"]]


RULES = Rulebook(
    before_create={"questions": _create_question},
    before_update={"questions": _update_question},
    computed={
        ("QuestionBank", "question_count"): _bank_questions,
        ("QuestionBank", "quiz_association_count"): _bank_links,
        ("QuizQuestionBank", "id"): lambda _, row: row["question_bank_id"],
        ("QuizQuestionBank", "name"): lambda store, row: _linked_bank(store, row)["name"],
        ("QuizQuestionBank", "question_count"): lambda store, row: _bank_questions(store, _linked_bank(store, row)),
        ("QuizQuestionBank", "quiz_association_count"): lambda store, row: _bank_links(store, _linked_bank(store, row)),
    },
)
