// Who is signed in, and what of the page is for them. The server decides; the page only leaves out what it would refuse.

let me = null;

export const takeMe = (answer) => { me = answer; };
export const whoAmI = () => me;

/** Sent with everything that changes something: only a page of ours can know it. */
export const csrf = () => me?.csrf ?? "";

/** Whether the role may use an operation here, named as in the API's description: "POST /v1/visits/{visit_id}/cancel". */
export const may = (operation) => me?.may?.includes(operation) ?? false;

// Whose something is stands in a row as a role, and where it counts: "care_manager:1144066000".
const OWNERS = { care_manager: ["care_manager", "dongs"], coordinator: ["coordinator", "districts"], area_manager: ["responsible_enterprise", "areas"],
  district_officer: ["district_officer", "districts"], operator: ["operator", "districts"] };

/** Whether something with this owner is for the one who is signed in: by name, or by role where their scope is. */
export function isMine(owner) {
  if (!owner || !me) return false;
  if (owner === me.actor) return true;
  const [role, id = ""] = owner.split(/:(.*)/s);
  const [own, where] = OWNERS[me.role] ?? [];
  return role === own && (!id || !me.scope[where].length || me.scope[where].includes(id));
}

/** Hide what is not for this role: elements say by data-may which operation they are for. */
export function applyMay(root = document) {
  for (const element of root.querySelectorAll("[data-may]")) element.hidden = !may(element.dataset.may);
}
