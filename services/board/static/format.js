// Times and numbers as people here write them. Asia/Seoul has no daylight saving: a fixed shift is exact and quick.

import { language, t } from "./texts.js";

const SEOUL_MS = 9 * 3600 * 1000;
const two = (n) => String(n).padStart(2, "0");

const seoul = (ms) => new Date(ms + SEOUL_MS);

/** 11:40 */
export function clockTime(ms) {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return "–";
  const at = seoul(ms);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

/** 11:40:07 */
export const clockSeconds = (ms) => `${clockTime(ms)}:${two(seoul(ms).getUTCSeconds())}`;

export const minuteOfDay = (ms) => { const at = seoul(ms); return at.getUTCHours() * 60 + at.getUTCMinutes(); };

/** Midnight in Seoul of the day that holds `ms`. */
export const dayStart = (ms) => Math.floor((ms + SEOUL_MS) / 86400000) * 86400000 - SEOUL_MS;

/** 2026-11-24: the day in Seoul, as a date field has it. */
export const isoDay = (ms) => seoul(ms).toISOString().slice(0, 10);

const WEEKDAYS = { ko: ["일", "월", "화", "수", "목", "금", "토"], en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 11월 24일 (화) */
export function dateText(ms, withYear = false) {
  const at = seoul(ms);
  const weekday = WEEKDAYS[language()][at.getUTCDay()];
  if (language() === "ko") {
    const year = withYear ? `${at.getUTCFullYear()}년 ` : "";
    return `${year}${at.getUTCMonth() + 1}월 ${at.getUTCDate()}일 (${weekday})`;
  }
  const year = withYear ? ` ${at.getUTCFullYear()}` : "";
  return `${weekday} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}${year}`;
}

/** 12분, 1시간 5분 */
export function minutesText(minutes) {
  const whole = Math.max(0, Math.round(minutes));
  if (whole < 60) return t("minutes", { n: whole });
  const rest = whole % 60;
  return rest ? t("hours_minutes", { h: Math.floor(whole / 60), n: rest }) : t("hours", { h: whole / 60 });
}

/** +12분 늦음, +2:24 늦음: the sign and the word, never the colour alone; short enough for a column. */
export const lateText = (minutes) =>
  t("late_by", { d: minutes < 60 ? minutesText(minutes) : `${Math.floor(minutes / 60)}:${two(Math.round(minutes) % 60)}` });

export const percent = (share) => (share === null || share === undefined ? "–" : `${(share * 100).toFixed(1)}%`);
export const decimal = (value, unit) => (value === null || value === undefined ? "–" : `${value.toFixed(1)}${unit ?? ""}`);
export const whole = (value) => new Intl.NumberFormat("ko-KR").format(value ?? 0);
