import { doctorText, type FindingKey } from './texts.ts';

/** What one look at the page, the browser or the line has shown. */
export type FindingState = 'ok' | 'warning' | 'failed' | 'unknown';

export interface Finding {
  readonly id: FindingKey;
  readonly state: FindingState;
  /** Figures and names for IT; never patient data, never a token. */
  readonly data: Readonly<Record<string, string | number | boolean>>;
  /** What to do, as a key of the texts; nothing to do where it is absent. */
  readonly advice?: FindingKey;
}

export interface DoctorReport {
  /** ISO. */
  readonly at: string;
  readonly page: string;
  readonly server: string;
  readonly userAgent: string;
  readonly findings: readonly Finding[];
  /** The worst of the findings. */
  readonly state: FindingState;
  /** For a ticket or a printer. @param locale `zh-CN` or `en` */
  toText(locale: string): string;
}

const SEVERITY: readonly FindingState[] = ['ok', 'unknown', 'warning', 'failed'];

export function makeReport(page: string, server: string, findings: readonly Finding[]): DoctorReport {
  const worst = Math.max(0, ...findings.map(({ state }) => SEVERITY.indexOf(state)));
  const report = {
    at: new Date().toISOString(),
    page,
    server,
    userAgent: navigator.userAgent,
    findings,
    state: SEVERITY[worst] ?? 'unknown',
  };
  return { ...report, toText: (locale) => reportText(report, locale) };
}

/** The finding in a line: what was looked at, what was found. */
export function findingText({ id, state, data }: Finding, locale: string): string {
  const shown = Object.entries(data).map(([name, value]) => `${name} ${value}`);
  return `[${doctorText(locale, state)}] ${doctorText(locale, id)}${shown.length > 0 ? `: ${shown.join(', ')}` : ''}`;
}

export function adviceText({ advice, data }: Finding, locale: string): string {
  if (advice === undefined) return '';
  return doctorText(
    locale,
    advice,
    Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)])),
  );
}

function reportText(report: Omit<DoctorReport, 'toText'>, locale: string): string {
  const lines = report.findings.flatMap((finding) => {
    const advice = adviceText(finding, locale);
    return [findingText(finding, locale), ...(advice ? [`    ${advice}`] : [])];
  });
  return [
    doctorText(locale, 'title'),
    `${doctorText(locale, 'at')} ${report.at}`,
    `${doctorText(locale, 'page')} ${report.page}`,
    `${doctorText(locale, 'server')} ${report.server}`,
    `${doctorText(locale, 'browser')} ${report.userAgent}`,
    '',
    ...lines,
    '',
  ].join('\n');
}
