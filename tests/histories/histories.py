"""Everything that may happen to two districts, in any order."""

from tests.histories.intake import Intake
from tests.histories.machine import Machine
from tests.histories.people import People
from tests.histories.requests import Requests
from tests.histories.workers import Workers


class Histories(Requests, Workers, People, Intake):
    """Each rule is one thing that happens in one of the districts, or between them. What makes a day go on happens more often
    than what breaks it: a rule counts as often as it has names here."""

    a_good_while_2 = a_good_while_3 = a_good_while_4 = a_good_while_5 = a_good_while_6 = Workers.a_good_while
    go_on_2 = go_on_3 = go_on_4 = Workers.go_on
    at_the_door_2 = at_the_door_3 = at_the_door_4 = Workers.at_the_door
    substitute_2 = Workers.substitute
    home_care_2 = Requests.home_care
    meal_2 = Requests.meal
    first_visit_2 = Intake.first_visit
    plan_2 = plan_3 = People.plan
    answer_a_district_2 = answer_a_district_3 = People.answer_a_district
    all_arrives_2 = all_arrives_3 = Machine.all_arrives
