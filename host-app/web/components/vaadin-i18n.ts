import type { DatePickerI18n } from '@vaadin/date-picker';
import { t } from '../i18n/index.ts';

/** The calendar in the language of the application; weeks start on Monday. Dates may be typed as 20260102, 2026-1-2 or 2026/1/2. */
export function datePickerI18n(): DatePickerI18n {
  const { monthNames, weekdays, weekdaysShort, today, cancel, dialogName, title } = t.calendar;
  const pad = (value: number) => String(value).padStart(2, '0');
  return {
    monthNames,
    weekdays,
    weekdaysShort,
    firstDayOfWeek: 1,
    today,
    cancel,
    dialogAccessibleName: dialogName,
    formatTitle: title,
    formatDate: ({ year, month, day }) => `${year}-${pad(month + 1)}-${pad(day)}`,
    parseDate: (text) => {
      const match = /^\s*(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?\s*$/.exec(text);
      if (!match) return undefined;
      return { year: Number(match[1]), month: Number(match[2]) - 1, day: Number(match[3]) };
    },
  };
}
