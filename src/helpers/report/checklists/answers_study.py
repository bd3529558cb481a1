"""Answers about the study as a whole: aims, meaning, limits, availability; and what only its author can say."""

from __future__ import annotations

from collections.abc import Callable

from helpers.report.checklists.evidence import Evidence, Missing, Reply, answered, not_applicable, with_interval

NOT_FOR_CLINICS = "not for clinical use"


def left_to_the_author(what: str) -> Callable[[Evidence], Reply]:
    """An answering function for what no run can say: it is missing until somebody writes a study."""

    def answer(evidence: Evidence) -> Reply:
        raise Missing(what)

    return answer


study_title = left_to_the_author("a title with model, people and outcome: a run is a notebook, not an article")
funding = left_to_the_author("the funding of a study and the role of its funders")
conflicts = left_to_the_author("the interests of the authors of a study")
protocol = left_to_the_author("whether a protocol was written before the study, and where it is")
registration = left_to_the_author("whether the study was registered")
public_involvement = left_to_the_author("whether patients or public took part in planning the study")
next_steps = left_to_the_author("the next steps of research")
poor_inputs = left_to_the_author("how poor images are recognized and handled in use")


def health_inequalities(evidence: Evidence) -> Reply:
    """Known inequalities between groups of people; generated data have no people."""
    if evidence.synthetic:
        return not_applicable("The data are generated: there are no groups of people.")
    raise Missing("known inequalities of health between groups of people")


def summary(evidence: Evidence) -> Reply:
    """Design, result, finding and limit in a sentence each."""
    finding = evidence.claims("finding")[0]
    return answered(
        f"Design: one network, trained once, tested once on held-out data ({evidence.images_of('test')}). Result: AUROC "
        f"{evidence.measured('test_auroc')}. Finding: {_outcome(finding)} Limit: {evidence.need('evaluation', 'limits', 0)}",
        evidence.file("report", "evaluation_report"),
    )


def _outcome(claim: dict) -> str:
    return f"“{claim['sentence']}” {'held' if claim['holds'] else 'did not hold'}."


def intended_use(evidence: Evidence) -> Reply:
    """Teaching and research only."""
    evidence.prose_says("evaluation", NOT_FOR_CLINICS)
    healthy, disease = evidence.classes
    return answered(
        f"Teaching and research, not for clinical use: a second opinion on single images ({disease} or {healthy}) is taken "
        "as the example. No place in the care of patients and no group of people is claimed.",
        evidence.file("report", "evaluation_report"),
    )


def background(evidence: Evidence) -> Reply:
    """The context as the report tells it, and published figures on the same data where there are any."""
    evidence.prose_says("training", NOT_FOR_CLINICS)
    published = evidence.documents.get("catalog", {}).get("benchmarks", ())
    text = "The opening of both reports says what such a model is for and why its errors matter."
    if published:
        names = ", ".join(evidence.need("catalog", "benchmarks", place, "model") for place in range(len(published)))
        text += f" Published on the same data: {names} ({evidence.need('catalog', 'benchmark_citation')})."
    else:
        text += " No published figure on these data is comparable."
    return answered(
        text, evidence.file("report", "evaluation_report"), evidence.file("training report", "training_report")
    )


def objectives(evidence: Evidence) -> Reply:
    """The findings that were worded before the numbers were known."""
    findings = " ".join(_outcome(claim) for claim in evidence.claims("finding"))
    return answered(
        f"Making a model and evaluating it. Asked before the test part was opened: {findings}",
        evidence.cell("evaluation", "paired-difference"),
    )


def goal(evidence: Evidence) -> Reply:
    """What kind of study a run is."""
    made = evidence.need("card", "notebook")
    return answered(
        f"Making one model ({made}) and testing it on a held-out part; no comparison with readers, no trial.",
        evidence.cell("evaluation", "open-test-set"),
    )


def trial_registration(evidence: Evidence) -> Reply:
    """No intervention, no trial."""
    return not_applicable(
        f"No trial: the model read {evidence.part('test', 'samples'):,} stored images and nobody acted on it."
    )


def treatments(evidence: Evidence) -> Reply:
    """Diagnosis from one image."""
    return not_applicable(
        f"Diagnosis, not prognosis ({evidence.dataset('task')} classification of what an image shows): nothing is followed over "
        "time that a treatment could change."
    )


def fairness(evidence: Evidence) -> Reply:
    """Groups of people need people, and a source that says who they are."""
    if evidence.synthetic:
        return not_applicable("The data are generated: there are no groups of people to be fair to.")
    raise Missing("who the people are (age, sex, origin), without which fairness cannot be looked at")


def interpretation(evidence: Evidence) -> Reply:
    """What the comparison with the best baseline allows one to say."""
    difference = evidence.metric("auroc_difference")
    return answered(
        f"{_outcome(evidence.claims('finding')[0])} {difference['label']}: {with_interval(difference)}.",
        evidence.cell("evaluation", "paired-difference"),
        evidence.cell("evaluation", "decision-curve"),
    )


def limitations(evidence: Evidence) -> Reply:
    """The box *what this does not show*."""
    limits = evidence.need("evaluation", "limits")
    first = " ".join(evidence.need("evaluation", "limits", place) for place in range(min(2, len(limits))))
    if not first:
        raise Missing("any limit of the study")
    return answered(f"{len(limits)} limits stand in the report. {first}", evidence.cell("evaluation", "state-limits"))


def implications(evidence: Evidence) -> Reply:
    """None for practice; what an alarm would mean is computed."""
    evidence.prose_says("evaluation", NOT_FOR_CLINICS)
    return answered(
        "Nothing follows for practice: not for clinical use. What an alarm would mean where the disease is rarer, and from which "
        "threshold on acting is worth it, is computed.",
        evidence.shown("evaluation", "action-table"),
        evidence.shown("evaluation", "decision-curve"),
    )


def technical_details(evidence: Evidence) -> Reply:
    """Hashes of notebook, helpers and lock file."""
    marks = [
        f"{name} {evidence.need('executed', 'evaluation', 'fingerprint', name)[:12]}…"
        for name in ("notebook", "helpers", "lock")
    ]
    return answered(
        f"Both notebooks are kept as executed beside their reports. What made this run (SHA-256): {', '.join(marks)}.",
        evidence.file("report", "evaluation_report"),
        evidence.file("results.json", "results"),
    )


def data_availability(evidence: Evidence) -> Reply:
    """Licence and address of the data."""
    name = evidence.dataset("name")
    if evidence.synthetic:
        return answered(
            f"Generated by the code of this repository ({evidence.dataset('checksum')}), licence {evidence.dataset('licence')}."
        )
    home = evidence.need("catalog", "home", what="whether and where the data can be had")
    licence = evidence.need("catalog", "licence", what="the licence of the data")
    hint = evidence.documents.get("catalog", {}).get("unavailable_hint", "")
    place = f"{home}. The file used here: {hint}" if hint else f"{home}, or `medlab fetch {name}`"
    return answered(f"{place}. Licence: {licence}.", evidence.file("datasheet", "datasheet"))


def code_availability(evidence: Evidence) -> Reply:
    """The notebooks and helpers, by their hashes."""
    mark = evidence.need("executed", "evaluation", "fingerprint", "helpers")
    return answered(
        f"Everything is in the repository of medlab under the MIT licence; helpers of this run: SHA-256 {mark[:12]}….",
        evidence.cell("evaluation", "setup"),
    )


def availability(evidence: Evidence) -> Reply:
    """Software, model and data in one."""
    data = data_availability(evidence)
    mark = evidence.need("card", "weights_sha256")
    return answered(
        f"Software: medlab, MIT licence. Model: bundle of the training run (SHA-256 of the weights {mark[:12]}…). Data: {data.text}",
        evidence.file("model card", "model_card"),
        evidence.file("datasheet", "datasheet"),
    )
