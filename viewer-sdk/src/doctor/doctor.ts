/** Tells IT what a workstation, a page or a line lacks: `filmless-doctor.js`, fetched when somebody asks. */
import { checkGraphics, checkMemory, checkPicture, checkWasm, checkWorker } from './page-checks.ts';
import { type DoctorReport, makeReport } from './report.ts';
import { checkCodecs, checkIdentity, checkLine, checkReach, type ServerTarget } from './server-checks.ts';

export type { DoctorReport, Finding, FindingState } from './report.ts';

export interface DoctorOptions {
  /** `https://pacs.hospital`; the page's own origin when empty. */
  readonly server?: string;
  /** The folder of the SDK's files; `{server}/sdk/` when absent. */
  readonly assetBase?: string;
  readonly tokenProvider?: (() => string | Promise<string>) | undefined;
}

/** Looks at page, browser, server and line, one after another so that no measurement disturbs another. Never rejects. */
export async function runDoctor(options: DoctorOptions = {}): Promise<DoctorReport> {
  const server = new URL(options.server || '/', document.baseURI).href.replace(/\/+$/, '');
  const target: ServerTarget = {
    server,
    assetBase: options.assetBase ?? `${server}/sdk/`,
    tokenProvider: options.tokenProvider,
  };
  const reach = await checkReach(target);
  const reached = reach.some(({ id, state }) => id === 'cors' && state === 'ok');
  const findings = [
    ...reach,
    ...(reached ? [await checkIdentity(target)] : []),
    checkWasm(),
    await checkWorker(target.assetBase),
    await checkPicture(),
    ...(reached ? [await checkCodecs(target), ...(await checkLine(target))] : []),
    checkGraphics(),
    checkMemory(),
  ];
  return makeReport(location.origin + location.pathname, server, findings);
}
