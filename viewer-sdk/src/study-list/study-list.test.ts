import { expect } from 'chai';
import { dataset } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { json, problem, StubServer } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';
import { FilmlessStudyList } from './study-list.ts';
import 'axe-core/axe.min.js';

const { axe } = globalThis as unknown as {
  axe: { run(context: Element): Promise<{ violations: readonly { id: string; nodes: { html: string }[] }[] }> };
};

const study = (index: number, values: Parameters<typeof dataset>[0] = {}) =>
  dataset({
    StudyInstanceUID: `1.2.${index}`,
    StudyDate: '20260102',
    StudyTime: '101112',
    PatientID: `P${index}`,
    PatientName: { Ideographic: '张^伟' },
    PatientSex: 'M',
    PatientBirthDate: '19800101',
    AccessionNumber: `A${index}`,
    StudyDescription: '胸部CT平扫',
    ModalitiesInStudy: ['CT'],
    NumberOfStudyRelatedInstances: 120,
    ...values,
  });

let server: StubServer;
let element: FilmlessStudyList;
const chosen: string[] = [];
const queries = () => server.seen.map(({ path }) => new URL(path, 'http://stub').searchParams);
const serve = (
  studies: readonly ReturnType<typeof study>[],
  filter: (query: URLSearchParams) => boolean = () => true,
) =>
  new StubServer((path) => {
    const query = new URL(path, 'http://stub').searchParams;
    const from = Number(query.get('offset'));
    return json(filter(query) ? studies.slice(from, from + Number(query.get('limit'))) : []);
  });
const mount = (values: Partial<FilmlessStudyList>): void => {
  if (!customElements.get('filmless-study-list')) customElements.define('filmless-study-list', FilmlessStudyList);
  element = Object.assign(new FilmlessStudyList(), { locale: 'en' }, values);
  element.style.cssText = 'block-size: 400px; inline-size: 1100px';
  chosen.length = 0;
  element.addEventListener('filmless-study-choose', ({ detail }) => chosen.push(detail.StudyInstanceUID));
  document.documentElement.lang = 'en';
  document.body.append(element);
};
const all = (selector: string): HTMLElement[] => [...element.renderRoot.querySelectorAll<HTMLElement>(selector)];
const text = (selector: string) =>
  all(selector).map(({ textContent }) => (textContent ?? '').replaceAll(/\s+/g, ' ').trim());
const listed = () => until('the list', () => all('.row').length > 0);
const focused = () => element.shadowRoot?.activeElement?.getAttribute('data-index');
const press = (key: string) =>
  element.shadowRoot?.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
const type = (value: string) => {
  const input = all('input')[0] as HTMLInputElement;
  input.focus();
  input.value = value;
  input.dispatchEvent(new InputEvent('input'));
};

describe('<filmless-study-list>', () => {
  afterEach(() => {
    element.remove();
    server.restore();
  });

  it('lists studies with their columns, and tells which was chosen', async () => {
    server = serve([study(1)]);
    mount({});
    await listed();
    expect(text('[role="columnheader"]').slice(0, 3)).to.deep.equal(['Date', 'Name', 'Sex']);
    expect(text('.row > *')).to.deep.equal([
      '2026-01-02 10:11',
      '张伟',
      'M',
      '46 y',
      'P1',
      'A1',
      'CT',
      '胸部CT平扫',
      '',
      '120',
    ]);
    all('.row')[0]?.click();
    expect(chosen).to.deep.equal(['1.2.1']);
    element.columns = 'accession modality';
    await element.updateComplete;
    expect(text('[role="columnheader"]')).to.deep.equal(['Accession', 'Type']);
    element.columns = '';
    element.patient = 'P1';
    await listed();
    expect(text('[role="columnheader"]')).not.to.include('Name');
  });

  it('asks for what the attributes name, and keeps to it when the server does not', async () => {
    server = serve([study(1), study(2), study(3, { PatientID: 'P1', ModalitiesInStudy: ['US'] })]);
    mount({ patient: 'P1', modality: 'CT MR', from: '2026-01-01', to: '20260131' });
    await listed();
    expect(queries().map((query) => query.get('ModalitiesInStudy'))).to.deep.equal(['CT', 'MR']);
    expect(
      queries().every((query) => query.get('PatientID') === 'P1' && query.get('StudyDate') === '20260101-20260131'),
    ).to.equal(true);
    expect(all('.row').length).to.equal(1);
    element.from = 'yesterday';
    await until('the failure', () => text('[role="alert"]').join().includes('VIEWER_BAD_ATTRIBUTE (from)'));
  });

  it('draws a few of many and fetches page after page while scrolling', async () => {
    server = serve(Array.from({ length: 250 }, (_, index) => study(index)));
    mount({});
    await listed();
    expect(server.seen.length).to.equal(1);
    expect(all('.row').length).to.be.below(40);
    expect(text('.count')).to.deep.equal(['More than 100 studies']);
    all('.row')[0]?.focus();
    press('End');
    await until('the second page', () => server.seen.length >= 2 && focused() === '99');
    await until('200', () => text('.count')[0] === 'More than 200 studies');
    press('End');
    await until('all', () => text('.count')[0] === '250 studies');
    expect(queries().map((query) => query.get('offset'))).to.deep.equal(['0', '100', '200']);
    press('End');
    await until('the last', () => focused() === '249');
    press('Enter');
    expect(chosen.length).to.equal(1);
    press('/');
    expect(element.shadowRoot?.activeElement?.tagName).to.equal('INPUT');
  });

  it('searches names, IDs and accession numbers with one field', async () => {
    server = serve(
      [study(1), study(2)],
      (query) => !query.has('AccessionNumber') || query.get('AccessionNumber') === 'A*',
    );
    mount({});
    await listed();
    type('A*?');
    press('Enter');
    await until('the search', () => server.seen.length === 4);
    const [, ...asked] = queries();
    expect(
      asked.map((query) => [query.get('PatientName'), query.get('PatientID'), query.get('AccessionNumber')]),
    ).to.deep.equal([
      ['*A*', null, null],
      [null, 'A*', null],
      [null, null, 'A*'],
    ]);
    await until('each once', () => text('.count')[0] === '2 studies');
    type('张');
    press('Enter');
    await until('the search', () => server.seen.length === 6);
    expect(
      queries()
        .slice(4)
        .map((query) => query.get('StudyDescription')),
    ).to.deep.equal([null, '*张*']);
    press('Escape');
    await until('all again', () => server.seen.length === 7 && all('.row').length === 2);
    type('x');
    server.first(() => json([]));
    await until('nothing', () => text('[role="status"]').join().includes('No study matches'));
  });

  it('says what failed, and tries again', async () => {
    server = serve([study(1)]);
    let down = true;
    server.first(() => (down ? problem(503, 'UNAVAILABLE') : undefined));
    mount({});
    await until('the failure', () => text('[role="alert"]').join().includes('VIEWER_SERVER_FAILED'));
    down = false;
    all('[role="alert"] button')[0]?.click();
    await listed();
  });

  for (const theme of ['dark', 'light'] as const) {
    it(`has no violation (${theme})`, async () => {
      server = serve([study(1), study(2)]);
      mount({ theme, study: '1.2.2' });
      await listed();
      const { violations } = await axe.run(element);
      expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).to.deep.equal([]);
    });
  }
});
