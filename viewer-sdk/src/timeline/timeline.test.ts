import { expect } from 'chai';
import type { Keyword } from '../dicom/json.ts';
import { dataset } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { json, picture, problem, StubServer } from '../testing/stub-server.ts';
import { deferred, until } from '../testing/until.ts';
import { FilmlessTimeline } from './timeline.ts';
import 'axe-core/axe.min.js';

const { axe } = globalThis as unknown as {
  axe: { run(context: Element): Promise<{ violations: readonly { id: string; nodes: { html: string }[] }[] }> };
};

type Values = Partial<Record<Keyword, unknown>>;
const study = (number: number, StudyDate: string, values: Values = {}) =>
  dataset({
    StudyInstanceUID: `1.2.${number}`,
    StudyDate,
    StudyTime: '101112',
    PatientID: 'P1',
    PatientName: { Ideographic: '张^伟' },
    PatientBirthDate: '19700101',
    AccessionNumber: `A${number}`,
    StudyDescription: '胸部CT平扫',
    ModalitiesInStudy: ['CT'],
    NumberOfStudyRelatedInstances: 120,
    ...values,
  });

let server: StubServer;
let element: FilmlessTimeline;
const chosen: string[] = [];

/** A server that answers a patient's search page by page. */
const serve = (studies: readonly ReturnType<typeof study>[]) =>
  new StubServer((path) => {
    const url = new URL(path, 'http://stub');
    if (url.pathname.endsWith('/thumbnail')) return picture();
    if (url.pathname !== '/dicom-web/studies') return undefined;
    const uid = url.searchParams.get('StudyInstanceUID');
    if (uid) return json(studies.filter((each) => each['0020000D']?.Value?.[0] === uid));
    const from = Number(url.searchParams.get('offset') ?? 0);
    return json(studies.slice(from, from + Number(url.searchParams.get('limit'))));
  });
const mount = (values: Partial<FilmlessTimeline>): void => {
  if (!customElements.get('filmless-timeline')) customElements.define('filmless-timeline', FilmlessTimeline);
  element = Object.assign(new FilmlessTimeline(), { locale: 'en' }, values);
  element.style.cssText = 'block-size: 500px; inline-size: 300px';
  chosen.length = 0;
  element.addEventListener('filmless-study-choose', ({ detail }) => chosen.push(`open ${detail.StudyInstanceUID}`));
  element.addEventListener('filmless-study-compare', ({ detail }) => chosen.push(`compare ${detail.StudyInstanceUID}`));
  document.documentElement.lang = 'en';
  document.body.append(element);
};
const all = (selector: string): HTMLElement[] => [...element.renderRoot.querySelectorAll<HTMLElement>(selector)];
const texts = (selector: string) => all(selector).map(({ textContent }) => textContent?.trim());
const press = (key: string) =>
  (element.shadowRoot?.activeElement ?? all('.scroller')[0])?.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true }),
  );
const listed = () => until('the list', () => all('.study').length > 0);

describe('<filmless-timeline>', () => {
  afterEach(() => {
    element.remove();
    server.restore();
  });

  it('lists a patient’s exams of all departments, newest first, by year', async () => {
    server = serve([
      study(1, '20240301'),
      study(2, '20260102', { ModalitiesInStudy: ['US'], InstitutionalDepartmentName: '超声科' }),
      study(3, '', { StudyDescription: [] }),
      study(4, '20260305'),
    ]);
    mount({ patient: 'P1', study: '1.2.2' });
    await listed();
    expect(texts('.year span:first-child')).to.deep.equal(['2026', '2024', 'Without a date']);
    expect(texts('.date')).to.deep.equal(['2026-03-05', '2026-01-02', '2024-03-01', 'Without a date']);
    expect(all('.study')[1]?.textContent).to.include('US').and.include('超声科').and.include('A2');
    expect(all('.study.current').length).to.equal(1);
    expect(all('.study.current .compare').length).to.equal(0);
    await until('a picture', () => all('.picture img').length === 4);
    all('.study .open')[0]?.click();
    all('.study .compare')[0]?.click();
    expect(chosen).to.deep.equal(['open 1.2.4', 'compare 1.2.4']);
  });

  it('is worked by keys', async () => {
    server = serve([study(1, '20260103'), study(2, '20260102'), study(3, '20250101')]);
    mount({ patient: 'P1', study: '1.2.1' });
    await listed();
    press('ArrowDown');
    await until('the second', () => element.shadowRoot?.activeElement?.getAttribute('data-index') === '2');
    press('c');
    press('End');
    await until('the last', () => element.shadowRoot?.activeElement?.getAttribute('data-index') === '4');
    (element.shadowRoot!.activeElement as HTMLElement).click();
    press('Home');
    await until('the first', () => element.shadowRoot?.activeElement?.getAttribute('data-index') === '1');
    press('c');
    expect(chosen).to.deep.equal(['compare 1.2.2', 'open 1.2.3']);
  });

  it('draws a few of hundreds, and asks for all of them page by page', async () => {
    server = serve(
      Array.from({ length: 450 }, (_, index) =>
        study(index + 1, `20${String(26 - Math.floor(index / 40)).padStart(2, '0')}0102`),
      ),
    );
    mount({ patient: 'P1' });
    await listed();
    expect(server.paths('PatientID=P1').length).to.equal(3);
    expect(all('.study').length).to.be.below(20);
    expect(server.paths('/thumbnail').length).to.be.below(20);
    all('.study .open')[0]?.focus();
    press('End');
    await until('the last one', () => all('.study').some((row) => row.getAttribute('aria-posinset') === '450'));
    expect(all('.study')[0]?.getAttribute('aria-setsize')).to.equal('450');
  });

  it('finds the patient by the study', async () => {
    server = serve([study(1, '20260103'), study(2, '20250102')]);
    mount({ study: '1.2.2' });
    await listed();
    expect(all('.study').length).to.equal(2);
  });

  it('lists nobody else’s exams, whatever the server answers', async () => {
    server = serve([
      study(1, '20260103'),
      study(2, '20260102', { PatientID: 'P2' }),
      study(3, '20260101', { PatientName: { Ideographic: '李^娜' } }),
      study(4, '20251231', { PatientID: 'OLD', OtherPatientIDs: ['P1'] }),
      study(5, '20251230', { PatientID: 'OLD', OtherPatientIDs: ['P1'], PatientBirthDate: '19700102' }),
    ]);
    mount({ patient: 'P1', study: '1.2.1' });
    await listed();
    expect(texts('.date')).to.deep.equal(['2026-01-03', '2025-12-31']);
  });

  it('lists none where one ID is two patients’, and where patient and study do not belong together', async () => {
    const two = [study(1, '20260103'), study(2, '20260102', { PatientBirthDate: '19880101' })];
    server = serve(two);
    mount({ patient: 'P1' });
    await until('the message', () => texts('[role="alert"]').join().includes('VIEWER_AMBIGUOUS'));
    expect(all('.study').length).to.equal(0);
    element.remove();
    mount({ patient: 'P9', study: '1.2.1' });
    await until('the message', () => texts('[role="alert"]').join().includes('VIEWER_PATIENT_MISMATCH'));
  });

  it('takes one patient off before it asks for another', async () => {
    server = serve([study(1, '20260103')]);
    mount({ patient: 'P1' });
    await listed();
    const late = deferred<Response>();
    server.first(() => late.promise);
    element.patient = 'P2';
    await element.updateComplete;
    expect(all('.study').length).to.equal(0);
    element.patient = 'P1';
    server.first((path) => (path.includes('PatientID=P1') ? json([study(7, '20200101')]) : undefined));
    element.reload();
    await listed();
    late.resolve(json([study(8, '20210101', { PatientID: 'P2' })]));
    await element.updateComplete;
    expect(texts('.date')).to.deep.equal(['2020-01-01']);
  });

  it('says when there is nothing, when nobody is named, and what failed', async () => {
    server = serve([]);
    mount({ patient: 'P1' });
    await until('nothing', () => texts('[role="status"]').join().includes('No earlier exams'));
    element.patient = '';
    await until('nobody', () => texts('[role="status"]').join().includes('No patient yet'));
    let down = true;
    server.first(() => (down ? problem(503, 'UNAVAILABLE') : json([study(1, '20260103')])));
    element.patient = 'P1';
    await until('the failure', () => texts('[role="alert"]').join().includes('VIEWER_SERVER_FAILED'));
    down = false;
    all('[role="alert"] button')[0]?.click();
    await listed();
  });

  for (const theme of ['dark', 'light'] as const) {
    it(`has no violation (${theme})`, async () => {
      server = serve([study(1, '20260103'), study(2, '20250102')]);
      mount({ patient: 'P1', study: '1.2.1', theme });
      await listed();
      const { violations } = await axe.run(element);
      expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).to.deep.equal([]);
    });
  }
});
