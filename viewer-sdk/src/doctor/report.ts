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

/** Figures that have a text of their own, and names that are shown as they are; the rest is for scripts. */
const WITH_UNIT = ['ms', 'seconds', 'mbit', 'http', 'gib', 'processors', 'heapMiB', 'maxTexture'] as const;
const AS_IT_IS: ReadonlySet<string> = new Set(['origin', 'version', 'renderer', 'missing', 'answer']);

/** What was found, in words. */
export function dataText({ data }: Finding, locale: string): string {
  return Object.entries(data)
    .flatMap(([name, value]) => {
      const key = WITH_UNIT.find((known) => known === name) ?? (AS_IT_IS.has(name) ? 'plain' : undefined);
      return key === undefined ? [] : [doctorText(locale, key, { value: String(value) })];
    })
    .join(locale.startsWith('zh') ? '，' : ', ');
}

/** The finding in a line: what was looked at, what was found. */
export function findingText(finding: Finding, locale: string): string {
  const found = dataText(finding, locale);
  return `[${doctorText(locale, finding.state)}] ${doctorText(locale, finding.id)}${found === '' ? '' : `: ${found}`}`;
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
