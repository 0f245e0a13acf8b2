"""Diet and allergens against the kitchen's menu, its cut-off, and the late additions it still takes."""

import contextlib
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from streams.contracts.decisions import CommandSettled
from streams.contracts.district import DistrictConfig, Kitchen, Place
from streams.contracts.eligibility import CutOff, MenuLine
from streams.contracts.inputs import ConfigureDistrict
from tests.core_world import KITCHEN, CoreWorld, at, config

MENU = (MenuLine(diet="regular", allergens=("egg", "soy")), MenuLine(diet="porridge", meal_kind="hot_lunch", allergens=("milk",)))


def kitchens(**first: Any) -> DistrictConfig:
    """k1 cooks by a menu; k2 cooks only low-salt boxes without anything that people avoid."""
    given = config()
    one = msgspec.structs.replace(given.kitchens[0], menu=MENU, **first)
    other = Kitchen(
        kitchen_id="k2", provider_id=KITCHEN, name_ko="둘째", name_en="Second", place=Place(-100.0, 100.0),
        menu=(MenuLine(diet="low_salt"), MenuLine(diet="regular", allergens=("egg",))),
    )  # fmt: skip
    return msgspec.structs.replace(given, kitchens=(one, other))


def outcome(world: CoreWorld, reference: str, **fields: Any) -> tuple[str, tuple[str, ...]]:
    with contextlib.suppress(KeyError):  # refused: no visit came to be
        world.file(reference, **fields)
    told = next(x for x in world.decisions if isinstance(x, CommandSettled))
    return told.code or told.outcome, told.rules


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ({}, ("accepted", ())),
        ({"diet": "porridge"}, ("accepted", ())),
        ({"diet": "porridge", "meal_kind": "hot_dinner"}, ("diet_not_cooked", ())),
        ({"diet": "low_salt"}, ("diet_not_cooked", ("kitchen:k2",))),
        ({"avoid_allergens": ("peanut",)}, ("accepted", ())),
        ({"avoid_allergens": ("soy",)}, ("allergen_in_meal", ("kitchen:k2",))),
        ({"diet": "porridge", "avoid_allergens": ("milk",)}, ("allergen_in_meal", ())),
    ],
)
def test_a_meal_is_filed_with_a_kitchen_that_cooks_it_or_told_which_one_does(wanted: dict[str, Any], answer: Any) -> None:
    assert outcome(CoreWorld(kitchens()), "lunch", **wanted) == answer


def test_where_nobody_told_the_menu_an_allergy_is_not_risked() -> None:
    world = CoreWorld()
    assert outcome(world, "one")[0] == "accepted"
    assert outcome(world, "two", avoid_allergens=("egg",))[0] == "allergen_in_meal"


def test_after_the_cut_off_only_so_many_boxes_are_added() -> None:
    world = CoreWorld(kitchens(cut_offs=(CutOff(at=at("07:30"), late_boxes=2), CutOff(at=at("16:00"), meal_kind="hot_dinner"))))
    assert [outcome(world, f"early-{n}")[0] for n in range(3)] == ["accepted"] * 3
    world.until("07:31")
    assert [outcome(world, f"late-{n}")[0] for n in range(3)] == ["accepted", "accepted", "kitchen_cut_off"]
    assert outcome(world, "elsewhere", kitchen_id="k2")[0] == "accepted"
    dinner = {"meal_kind": "hot_dinner", "window_start_at": at("17:00"), "window_end_at": at("18:00"), "due_at": at("18:00"),
              "ready_at": at("16:45")}  # fmt: skip
    assert outcome(world, "dinner", **dinner)[0] == "accepted"
    world.until("16:01")
    assert outcome(world, "dinner-2", **dinner)[0] == "kitchen_cut_off"


def test_a_menu_that_changes_after_a_special_meal_was_filed_is_the_coordinators_until_it_is_put_right() -> None:
    world = CoreWorld(kitchens())
    lunch = world.file("lunch", diet="porridge")
    given = kitchens()
    no_porridge = msgspec.structs.replace(given.kitchens[0], menu=MENU[:1])
    world.send(ConfigureDistrict(command_id="c2", config=replace(given, version=2, kitchens=(no_porridge, given.kitchens[1]))))
    raised = world.state.exceptions[world.open_exceptions()["menu_conflict"]].raised
    assert (raised.subject, raised.detail, raised.owner) == (lunch.spec.visit_id, "diet_not_cooked", "coordinator")
    world.send(ConfigureDistrict(command_id="c3", config=replace(kitchens(), version=3)))
    assert "menu_conflict" not in world.open_exceptions()
