// Workers to choose from, by name with their provider and area, in the order of what is read.

import { workerName } from "./names.js";
import { areaName, providerName } from "./words.js";

const RIDDEN = ["meal_support", "errand", "local_parcel"];

/** Whose work a visit is. */
export const tradeOf = (row) => (RIDDEN.includes(row.service) ? "rider" : "carer");

const shown = (one) => [workerName(one.worker_id) || one.worker_id, providerName(one.organisation), areaName(one.area_id)].join(" · ");

/** [id, words] of each. */
export const workerChoices = (workers) => workers.map((one) => [one.worker_id, shown(one)]).sort((a, b) => a[1].localeCompare(b[1]));
