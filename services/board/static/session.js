// Who is signed in, and what of the page is for them. The server decides; the page only leaves out what it would refuse.

let me = null;

export const takeMe = (answer) => { me = answer; };
export const whoAmI = () => me;

/** Sent with everything that changes something: only a page of ours can know it. */
export const csrf = () => me?.csrf ?? "";

/** Whether the role may use an operation here, named as in the API's description: "POST /v1/visits/{visit_id}/cancel". */
export const may = (operation) => me?.may?.includes(operation) ?? false;

/** Hide what is not for this role: elements say by data-may which operation they are for. */
export function applyMay(root = document) {
  for (const element of root.querySelectorAll("[data-may]")) element.hidden = !may(element.dataset.may);
}
