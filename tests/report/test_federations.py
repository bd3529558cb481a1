"""The federation of hospitals in one process, what is kept of it, and what is shown."""

import numpy as np
import pytest

from helpers import runtime
from helpers.data import hospital_tables
from helpers.report import federations
from helpers.runtime import InputError
from helpers.training.federated_server import Outcome

SITES = ("hospital A", "hospital B", "hospital C", "hospital D")


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def outcome(seed=0):
    total = np.array(
        [[20.0, 20.0, 20.0, 20.0, 0.0], [2000.0, 40.0, 0.0, 60.0, 0.0], [2e5 + 20, 80.0, 20.0, 200.0, 0.0]]
    )
    scores = {"hospital A": {"auroc": 0.9, "low": 0.8, "high": 0.95, "tested": 90.0}}
    weights = federations.network(seed).get_weights()
    return Outcome(weights, {"hospital A": 210}, total, [{"hospital A": 0.5}], scores, 4872, 1.25)


def test_hospitals_of_a_dataset_are_told_apart():
    assert federations.hospital_names("heart-phantom") == SITES
    sizes = [len(federations.hospital_in_dataset("heart-phantom", site)[0]) for site in SITES]
    assert sizes == [300, 300, 120, 200]


def test_a_member_trains_and_tests_on_different_patients():
    inputs, targets = federations.hospital_in_dataset("heart-phantom", "hospital C")
    member = federations.member("C", inputs, targets)
    assert len(member.targets) == 84
    np.testing.assert_array_equal(
        member.sums, hospital_tables.column_sums(inputs[~hospital_tables.for_testing(targets)])
    )
    assert member.prepare(member.sums).shape == (84, hospital_tables.FEATURES)
    scores = member.evaluate(federations.network(seed=1), member.sums)
    assert scores["tested"] == 36
    assert scores["low"] < scores["auroc"] < scores["high"]


def test_own_patients_come_from_a_file_like_those_of_uci(tmp_path):
    path = tmp_path / "own.data"
    path.write_text("63.0,1.0,1.0,145.0,233.0,1.0,2.0,150.0,0.0,2.3,3.0,0.0,6.0,0\n67,1,4,?,0,0,2,108,1,1.5,2,?,3,3\n")
    inputs, targets = federations.hospital_in_file(path)
    assert inputs.shape == (2, 13)
    assert np.isnan(inputs).sum() == 3  # two marks, and a cholesterol of 0
    np.testing.assert_array_equal(targets, [0, 1])


def test_federation_in_one_process_learns():
    found = federations.in_one_process("heart-phantom", rounds=2, seed=1)
    assert (
        federations.largest_difference(found, federations.Result(federations.network(1).get_weights(), {}, {})) > 0.05
    )
    assert found.samples == dict(zip(SITES, (210, 210, 84, 140), strict=True))
    assert all(score["low"] > 0.5 for score in found.scores.values())


def test_what_is_saved_comes_back(tmp_path):
    folder = federations.save(tmp_path / "kept", outcome(seed=3), rounds=1, seed=3)
    result, facts = federations.load(folder)
    assert federations.largest_difference(result, federations.Result.of(outcome(seed=3))) == 0
    assert (result.scores, result.samples) == (outcome().scores, outcome().samples)
    assert facts["mean"] == [100, 2, 0, 3, 0]
    assert facts["deviation"] == [1, None, 1, 1, None]  # nothing varies, or nobody measured
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    federations.save(folder, outcome(), rounds=1, seed=0)  # an older federation may be replaced


def test_other_things_are_not_overwritten(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="something else than a federation"):
        federations.save(tmp_path, outcome(), rounds=1, seed=0)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_commands_name_every_hospital_once(tmp_path):
    commands = federations.commands("heart-phantom", SITES, "127.0.0.1:5", 2, 7, 9.0, tmp_path / "model")
    assert list(commands) == ["server", *SITES]
    server = commands["server"]
    assert [server[place + 1] for place, word in enumerate(server) if word == "--site"] == list(SITES)
    assert server[server.index("--seed") + 1] == "7"
    for site in SITES:
        assert commands[site][-4:] == ["--site", site, "--dataset", "heart-phantom"]


def test_tables_for_a_terminal():
    result = federations.Result.of(outcome())
    assert federations.score_lines(result) == [
        "hospital    trained  tested  AUROC (95 % interval)",
        "hospital A  210      90      0.900 (0.800 to 0.950)",
    ]
    assert federations.comparison_lines(result, result)[1] == "hospital A  0.900000          0.900000"
