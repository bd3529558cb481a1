"""The one table from the name of an answer, as the checklists use it, to the function that answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from helpers.report.checklists import answers_data, answers_evaluation, answers_model, answers_source, answers_study
from helpers.report.checklists.evidence import Evidence, Reply

ANSWERS: Mapping[str, Callable[[Evidence], Reply]] = MappingProxyType(
    {
        # where the data come from
        "data_source": answers_source.data_source,
        "design": answers_source.design,
        "eligibility": answers_source.eligibility,
        "period": answers_source.period,
        "setting": answers_source.setting,
        "deidentification": answers_source.deidentification,
        "acquisition": answers_source.acquisition,
        "reference_standard": answers_source.reference_standard,
        "reference_rationale": answers_source.reference_rationale,
        "annotators": answers_source.annotators,
        "test_annotation": answers_source.test_annotation,
        "rater_variability": answers_source.rater_variability,
        "blinding": answers_source.blinding,
        "ethics": answers_source.ethics,
        "inclusion_flow": answers_source.inclusion_flow,
        "characteristics": answers_source.characteristics,
        "characteristics_by_part": answers_source.characteristics_by_part,
        # what was done with them
        "subsets": answers_data.subsets,
        "preprocessing": answers_data.preprocessing,
        "predictors": answers_data.predictors,
        "predictor_handling": answers_data.predictor_handling,
        "predictor_assessors": answers_data.predictor_assessors,
        "missing_data": answers_data.missing_data,
        "partition": answers_data.partition,
        "disjoint_level": answers_data.disjoint_level,
        "sample_size": answers_data.sample_size,
        "flow": answers_data.flow,
        "counts_by_analysis": answers_data.counts_by_analysis,
        "part_differences": answers_data.part_differences,
        "comparison_of_parts": answers_data.comparison_of_parts,
        "class_imbalance": answers_data.class_imbalance,
        # the model
        "methodology": answers_model.methodology,
        "model": answers_model.model,
        "software": answers_model.software,
        "initialization": answers_model.initialization,
        "training": answers_model.training,
        "selection": answers_model.selection,
        "model_building": answers_model.model_building,
        "ensembling": answers_model.ensembling,
        "model_output": answers_model.model_output,
        "prediction_method": answers_model.prediction_method,
        "model_specification": answers_model.model_specification,
        "user_interaction": answers_model.user_interaction,
        "updating": answers_model.updating,
        # its evaluation
        "measures": answers_evaluation.measures,
        "uncertainty": answers_evaluation.uncertainty,
        "robustness": answers_evaluation.robustness,
        "explainability": answers_evaluation.explainability,
        "internal_test": answers_evaluation.internal_test,
        "external_test": answers_evaluation.external_test,
        "performance": answers_evaluation.performance,
        "diagnostic_accuracy": answers_evaluation.diagnostic_accuracy,
        "performance_and_subgroups": answers_evaluation.performance_and_subgroups,
        "cluster_methods": answers_evaluation.cluster_methods,
        "cluster_results": answers_evaluation.cluster_results,
        "failures": answers_evaluation.failures,
        # the study as a whole
        "study_title": answers_study.study_title,
        "summary": answers_study.summary,
        "intended_use": answers_study.intended_use,
        "background": answers_study.background,
        "health_inequalities": answers_study.health_inequalities,
        "objectives": answers_study.objectives,
        "goal": answers_study.goal,
        "trial_registration": answers_study.trial_registration,
        "treatments": answers_study.treatments,
        "fairness": answers_study.fairness,
        "interpretation": answers_study.interpretation,
        "limitations": answers_study.limitations,
        "implications": answers_study.implications,
        "technical_details": answers_study.technical_details,
        "data_availability": answers_study.data_availability,
        "code_availability": answers_study.code_availability,
        "availability": answers_study.availability,
        # what only the author of a study can say
        "funding": answers_study.funding,
        "conflicts": answers_study.conflicts,
        "protocol": answers_study.protocol,
        "registration": answers_study.registration,
        "public_involvement": answers_study.public_involvement,
        "next_steps": answers_study.next_steps,
        "poor_inputs": answers_study.poor_inputs,
    }
)
