"""What a task says of itself in plain words: why it is there, by when somebody answers, what happens if nobody does.

None of it knows the patient: a task's name is given by code and flows.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.effects import Urgency

WHY: Mapping[str, str] = {
    "emergency": "The text sounds like an emergency.",
    "crisis": "The text speaks of suicide or harm.",
    "urgent": "A nurse should call within the hour.",
    "reply_not_understood": "The bot did not understand the text.",
    "patient_answered": "The patient has written to the person who has the conversation.",
    "question": "The patient asks something.",
    "wants_a_person": "The patient wants to talk to somebody.",
    "refill": "The patient wants a refill.",
    "running_late": "The patient will be late.",
    "no_time_fits": "None of the open times suits the patient.",
    "no_open_time": "There was no open time to offer.",
    "may_want_to_cancel": "CANCEL stopped the texts; was the visit meant?",
    "wrong_number": "Somebody else has this phone.",
    "text_not_delivered": "A text did not arrive.",
    "other_language": "A text in another language than English or Spanish: nobody has read it yet.",
    "text_from_opted_out": "The phone has opted out and can't be answered.",
    "call_instead": "The phone has opted out: call instead.",
    "unknown_sender": "A number that is not on file.",
    "bot_could_not_read_this": "The bot failed on it, again and again.",
    "flow_too_long": "A flow walked in circles.",
    "page_asked_for": "The patient wants a new link, and this phone can't be texted: call.",
    "page_locked": "Too many wrong birth dates or PINs on a secure page: call, it may be somebody else.",
    "page_for_somebody_else": "Whoever opened the page says that it is not for them. Whose phone is it?",
    "form_to_read": "A form came in after its time: read it.",
    "urgent_words_in_a_form": "An answer on a form sounds urgent: read it soon.",
    "secure_message": "The patient wrote a secure message.",
    "message_not_read": "A secure message was not read.",
    "patient_is_here": "The patient is here.",
    "consent_refused": "The patient does not agree to a consent.",
    "page_without_a_patient": "A flow wanted a page sent, and it is not clear to whom.",
    "flow_needs_a_visit": "A flow wanted to act on a visit, and there is none.",
    "flow_changed": "The flow was changed while the patient was in it.",
    "asked_for_another_flow": "The patient wants something else before this is finished.",
    "nothing_to_start": "A flow was to start, but its condition does not hold now: is the clinic closed?",
    "text_held_back": "A text held something that must not be texted.",
    "nobody_on_call": "There was nobody to page.",
    "too_many_texts": "Many texts in a short time.",
    "call_the_patient": "Call the patient.",
}
"""The sentences for the names that code gives."""

OF_FLOWS: Mapping[str, str] = {
    "after_hours_text": "A text came in while the clinic was closed.",
    "asks_for_results": "The patient asks for results.",
    "book_interpreter": "The visit needs an interpreter.",
    "book_recall_visit": "The patient is due for a visit: book one.",
    "call_about_result": "The patient wants a call about a result.",
    "call_about_visit": "Call about the visit.",
    "call_back": "The patient called and nobody answered: call back.",
    "consent_not_signed": "A consent is not signed yet.",
    "daily_check_missing": "A daily check did not come in.",
    "high_score_to_review": "A high score waits for a review.",
    "intake_unfinished": "The intake form is not finished.",
    "medication_check_unfinished": "The questions about medicines are not finished.",
    "medicine_costs": "The patient can’t pay for a medicine.",
    "missed_doses": "The patient misses doses.",
    "more_swelling_or_short_of_breath": "More swelling, or short of breath: call.",
    "not_taking_medicines": "The patient does not take their medicines: call.",
    "offer_longer_questionnaire": "A short questionnaire calls for the longer one.",
    "opt_in_not_answered": "The question whether we may text was not answered.",
    "post_op_fever": "Fever after an operation: call.",
    "post_op_unanswered": "A check after an operation was not answered: call.",
    "post_op_wound": "A wound after an operation: call.",
    "prepare_for_wheelchair": "The patient comes in a wheelchair.",
    "questionnaire_unfinished": "A questionnaire is not finished.",
    "reading_low": "A reading from home is low: call.",
    "refill_approved": "A refill is approved: send it to the pharmacy.",
    "refill_not_finished": "A wish for a refill is not finished.",
    "refill_review": "A refill waits for a review.",
    "result_not_opened": "A result was not opened.",
    "score_to_review": "A score waits for a review.",
    "side_effects": "The patient tells of side effects: call.",
    "triage_call": "Triage answers: green. Call when there is time.",
    "triage_call_soon": "Triage answers: call soon.",
    "triage_unanswered": "Triage questions stopped without an answer: call.",
    "unhappy_after_visit": "The patient was unhappy with a visit.",
    "unknown_notice": "A notice came that no flow knows.",
    "wants_a_visit": "The patient wants a visit.",
    "weight_up": "The patient’s weight has gone up: call.",
    "worse_after_visit": "The patient feels worse since the visit: call.",
}
"""Those for the names in the shipped flows. A clinic's own name is made a sentence as it is."""

URGENCIES: Mapping[str, str] = {
    Urgency.EMERGENCY: "Emergency",
    Urgency.URGENT: "Urgent",
    Urgency.ROUTINE: "Routine",
}
_UNITS = ((timedelta(days=2), timedelta(days=1), "d"), (timedelta(hours=2), timedelta(hours=1), "h"))
_MINUTE = timedelta(minutes=1)


def why(task: str) -> str:
    """Why a task is there."""
    return WHY.get(task) or OF_FLOWS.get(task) or f"{task.replace('_', ' ').capitalize()}."


def span(length: timedelta) -> str:
    """'42 min', '3 h', '2 d', 'a moment': rounded down, so that nobody believes to have more time than there is."""
    for least, size, unit in _UNITS:
        if length >= least:
            return f"{length // size} {unit}"
    return f"{length // _MINUTE} min" if length >= _MINUTE else "a moment"


def countdown(due: datetime | None, now: datetime) -> tuple[str, bool]:
    """'answer in 42 min' or 'late since 10 min', and whether it is late; '' where nothing is due."""
    if due is None:
        return "", False
    if due <= now:
        return f"late since {span(now - due)}", True
    return f"answer in {span(due - now)}", False


def next_step(
    due: datetime | None, overdue: datetime | None, *, brought: bool
) -> tuple[str, datetime | None]:
    """What happens if nobody acts, and when. `brought`: an open escalation brings somebody to this patient already."""
    if overdue:
        return "It went to the people on call", overdue
    if due is None:
        return "It waits here; nobody is paged by itself", None
    if brought:
        return "An open escalation brings somebody to this patient", None
    return "It climbs to the people on call", due
