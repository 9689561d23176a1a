"""A second, naive scorer of the template, written from the prose of rules.md, rule 4.

It reads template.json directly, knows this one template only, and shares no line with the engine:
the two are compared over thousands of generated answers. Inputs have the shape of the worked cases.
"""

from typing import Any

NEEDS_A_CHILD = {"pregnant", "under5", "school"}
ILL_IN_THE_COLD = {"heart", "breathing", "mental", "disability"}


class Reference:
    """One scoring of one input; the parts named are those of rule 4."""

    def __init__(self, template: dict[str, Any], case: dict[str, Any]) -> None:
        self.template = template
        self.case = case
        session, context = case.get("session", {}), case.get("ctx", {})
        self.household = set(session.get("household") or [])
        self.health = set(session.get("health") or []) | set(context.get("conditions") or [])
        self.age = context.get("age")
        self.ticks = list(case.get("urgent") or [])
        self.cards = {card["id"]: card for card in template["urgent"]}
        self.urgent: set[str] = set(self.ticks)
        self.states: dict[str, str] = {}
        self.levels: dict[str, int | None] = {}
        self.chosen: dict[str, list[dict[str, Any]]] = {}
        self.need_without_tick: set[str] = set()
        self.run()

    def row(self, domain: str) -> str | None:
        row: str | None = self.case.get("grid", {}).get(domain)
        return row

    def codes(self, link_id: str) -> list[str]:
        given = self.case.get("answers", {}).get(link_id, [])
        return [given] if isinstance(given, str) else list(given)

    def counted(self, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Part a: enabled by the row and the household; urgent and safety answers always."""
        found = []
        for question in domain["follow_up"]:
            shown = question["shown_when"]
            enabled = self.row(domain["id"]) in shown["screen"]
            if "household_any" in shown:
                enabled = enabled and bool(self.household & set(shown["household_any"]))
            for option in question["options"]:
                if option["code"] in self.codes(question["linkId"]):
                    always = "urgent" in option or (
                        (domain["id"] == "safety" or option.get("masked"))
                        and (option["level"] or 0) > 0
                    )
                    if enabled or always:
                        found.append({**option, "question": question["linkId"], "always": always})
        return found

    def state(self, domain: dict[str, Any]) -> str:
        name = domain["id"]
        if any(option["always"] for option in self.chosen[name]):
            return "need"
        row = self.row(name)
        if row is not None:
            return row
        if name in self.case.get("not_offered", []) and name not in ("safety", "wellbeing"):
            return "not-offered"
        if self.case.get("asked_rest") and name != "safety":
            return "no-need"
        return "not-asked"

    def run(self) -> None:
        for domain in self.template["domains"]:
            name = domain["id"]
            self.chosen[name] = self.counted(domain)
            state = self.state(domain)
            levels = [o["level"] for o in self.chosen[name] if o["level"] is not None]
            level = None
            # Part b
            if state == "no-need":
                level = 0
            elif state == "need":
                level = max([1, *levels])
                self.need_without_tick.add(name)
            elif state == "unsure" and levels:
                level = max(levels)
            # Part c
            if name == "safety" and state == "need":
                level = max(3, level or 0)
                self.urgent.add("safety_disclosed")
            # Part d
            if state in ("need", "unsure"):
                self.urgent |= {o["urgent"] for o in self.chosen[name] if "urgent" in o}
            for tick in self.ticks:
                if self.cards[tick]["domain"] == name:
                    state, level = "need", 4
            self.states[name], self.levels[name] = state, level
        self.modify()

    def chose(self, question: str, *codes: str) -> bool:
        domain = question.partition(".")[0]
        return any(o["question"] == question and o["code"] in codes for o in self.chosen[domain])

    def modify(self) -> None:
        """Part e: the four modifiers, in order, on domains in state need or unsure."""
        children = bool(self.household & NEEDS_A_CHILD)
        if self.states["energy"] in ("need", "unsure"):
            vulnerable = (
                bool(self.household & (NEEDS_A_CHILD | {"over65"}))
                or (self.age is not None and self.age >= 65)
                or bool(self.health & ILL_IN_THE_COLD)
            )
            if (self.levels["energy"] or 0) >= 2 and vulnerable:
                self.raise_level("energy")
        if self.states["housing"] not in ("need", "unsure"):
            return
        if self.chose("housing.condition", "damp") and (
            "under5" in self.household or "breathing" in self.health
        ):
            self.raise_level("housing")
        losing = self.chose("housing.security", "notice", "staying", "rough")
        if (losing or "homeless_tonight" in self.ticks) and children:
            self.levels["housing"] = 4
            self.urgent.add("family_homeless")
        if self.chose("housing.security", "hostel") and children:
            self.levels["housing"] = max(self.levels["housing"] or 0, 3)

    def raise_level(self, domain: str) -> None:
        level = self.levels[domain]
        if level is not None:
            self.levels[domain] = max(level, min(level + 1, 3))

    def masked(self) -> list[str]:
        """Part f."""
        session = self.case.get("session", {})
        private = session.get("seen_alone") is True and session.get("interpreter") != "informal"
        return sorted(
            card for card in self.urgent if self.cards[card]["gate"] == "seen_alone" and not private
        )

    def order(self) -> list[str]:
        """Part g: sorted in place by insertion, so that ties stay in template order."""
        ordered: list[tuple[int, str]] = []
        for domain in self.template["domains"]:
            name = domain["id"]
            if (self.levels[name] or 0) < 1:
                continue
            key = 100 * (self.levels[name] or 0) + int(domain["weight"])
            key += 10 if self.case.get("wants_help", {}).get(name) == "yes-now" else 0
            key += 10 if self.case.get("priority") == name else 0
            before = [at for at, (other, _) in enumerate(ordered) if other < key]
            ordered.insert(before[0] if before else len(ordered), (key, name))
        return [name for _, name in ordered]

    def needs_of(self, domain: dict[str, Any]) -> set[str]:
        """Part i."""
        name = domain["id"]
        if (self.levels[name] or 0) < 1:
            return set()
        found = {need for option in self.chosen[name] for need in option.get("needs", [])}
        if not found and name in self.need_without_tick:
            found = set(domain["needs_default"])
        for when in domain["needs_when"]:
            if self.household & set(when["household_any"]):
                found |= set(when["needs"])
        for card in self.urgent:
            if self.cards[card]["domain"] == name:
                found |= set(self.cards[card]["needs"])
        return found

    def result(self) -> dict[str, Any]:
        """Part h: the shape of a worked case's `expected`."""
        needs: set[str] = set()
        for domain in self.template["domains"]:
            needs |= self.needs_of(domain)
        return {
            "states": self.states,
            "levels": {name: level for name, level in self.levels.items() if level is not None},
            "urgent": sorted(self.urgent),
            "masked_on_screen": self.masked(),
            "order": self.order(),
            "needs": sorted(needs),
        }
