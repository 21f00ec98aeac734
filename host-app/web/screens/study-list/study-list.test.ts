import '../../testing/no-statistics.ts';

import { expect } from 'chai';
import type { StudyRow } from '../../api/studies.ts';
import { setLocale } from '../../i18n/index.ts';
import { sampleNode, sampleStudy } from '../../testing/samples.ts';
import {
  afterEach,
  beforeEach,
  deep,
  describe,
  it,
  loadStyles,
  mount,
  textOf,
  unmount,
  until,
} from '../../testing/setup.ts';
import { StubNode } from '../../testing/stub-node.ts';
import { StudyList } from './study-list.ts';

describe('study list', () => {
  let node: StubNode;
  let archive: StudyRow[];
  let list: StudyList;
  const opened: StudyRow[] = [];

  const show = async (query = '') => {
    list = mount(new StudyList());
    list.query = new URLSearchParams(query);
    list.addEventListener('study-open', (event) => opened.push((event as CustomEvent<StudyRow>).detail));
    await list.updateComplete;
    await until('the total is known', () => list.model.total !== undefined);
    return list;
  };
  const cell = (text: string) =>
    until(`a cell with ${text}`, () =>
      [...(list.shadowRoot?.querySelectorAll('vaadin-grid-cell-content') ?? [])].find((content) =>
        content.textContent?.includes(text),
      ),
    );
  const focused = () => {
    let target: Element | null = document.activeElement;
    while (target?.shadowRoot?.activeElement) target = target.shadowRoot.activeElement;
    return target;
  };
  /** A page in the background moves its focus without telling: told here. */
  const tellFocus = () => {
    if (!document.hasFocus()) focused()?.dispatchEvent(new FocusEvent('focusin', { bubbles: true, composed: true }));
  };
  const key = (name: string) => {
    focused()?.dispatchEvent(
      new KeyboardEvent('keydown', { key: name, bubbles: true, composed: true, cancelable: true }),
    );
    tellFocus();
  };
  const previewed = () => deep(list.renderRoot, 'fl-preview-panel fl-patient-banner, fl-patient-banner');

  beforeEach(async () => {
    localStorage.clear();
    window.history.replaceState(null, '', '/studies');
    await loadStyles();
    await setLocale('zh-CN');
    opened.length = 0;
    archive = Array.from({ length: 300 }, (_, index) => sampleStudy(index));
    node = new StubNode()
      .on('GET /api/node', sampleNode)
      .on('GET /api/facets', { modalities: { CT: 300 }, departments: { 放射科: 300 } })
      .on('GET /api/studies', ({ url }: { url: URL }) => {
        const offset = Number(url.searchParams.get('offset'));
        return { total: archive.length, items: archive.slice(offset, offset + Number(url.searchParams.get('limit'))) };
      })
      .on('GET /api/studies/*', ({ url }: { url: URL }) => ({
        study: archive.find((row) => url.pathname.endsWith(`/${row.StudyInstanceUID}`)),
        series: [],
        earlier: [],
      }));
  });
  afterEach(() => {
    unmount();
    node.restore();
  });

  it('asks for what the address says', async () => {
    await show('text=zw&modality=CT&modality=MR&date=range&from=2026-01-01&order=PatientName');
    const request = node.requests.find((line) => line.startsWith('GET /api/studies?')) ?? '';
    const query = new URL(request.slice(4), 'http://x').searchParams;
    expect(Object.fromEntries(query)).to.deep.equal({
      text: 'zw',
      modalities: 'CT,MR',
      studyDate: '20260101-',
      orderBy: 'PatientName',
      limit: '100',
      offset: '0',
    });
  });

  it('asks once for each page of 100', async () => {
    await show();
    await cell('张伟0');
    expect(node.count('GET /api/studies?')).to.equal(1);
  });

  it('selects with the arrows and opens with Enter', async () => {
    await show();
    await cell('张伟0');
    list.focusRows();
    tellFocus();
    await until('the first row is previewed', () => previewed() && textOf(previewed()!).includes('张伟0'));
    key('ArrowDown');
    await until('the second row is previewed', () => textOf(previewed()!).includes('张伟1'));
    key('Enter');
    expect(opened.map((row) => row.StudyInstanceUID)).to.deep.equal(['1.2.3.1']);
  });

  it('opens on a double click', async () => {
    await show();
    (await cell('张伟2')).dispatchEvent(new MouseEvent('dblclick', { bubbles: true, composed: true }));
    expect(opened.map((row) => row.StudyInstanceUID)).to.deep.equal(['1.2.3.2']);
  });

  it('tells of new studies without moving a row, and shows them on a click', async () => {
    await show();
    const before = (await cell('张伟0')).getBoundingClientRect().top;
    archive = [sampleStudy(900), ...archive];
    node.tell('study', { StudyInstanceUID: '1.2.3.900', at: '' });
    const live = await until('the live button', () => list.renderRoot.querySelector<HTMLElement>('.live'));
    expect(live.textContent).to.contain('有 1 项新检查');
    expect((await cell('张伟0')).getBoundingClientRect().top).to.equal(before);
    live.click();
    const fresh = await cell('张伟900');
    expect(fresh.querySelector('[role="img"]')?.getAttribute('aria-label'), 'the dot of an arrival').to.equal('新到达');
    await until('the live button is gone', () => !list.renderRoot.querySelector('.live'));
  });

  it('puts a new filter into the address', async () => {
    await show();
    deep<HTMLElement>(list.renderRoot, '.dates button:nth-child(2)')?.click();
    expect(window.location.search).to.equal('?date=today');
  });

  it('says how the first study gets here, with this node’s own address', async () => {
    archive = [];
    await show();
    const empty = await until('the empty state with steps', () => {
      const element = deep(list.renderRoot, 'fl-empty-state');
      return element && textOf(element).includes('11112') ? element : undefined;
    });
    expect(textOf(empty)).to.contain('还没有设备发送过影像').and.to.contain('FILMLESS');
  });

  it('offers to clear the filters when nothing matches', async () => {
    archive = [];
    await show('text=nobody');
    const empty = await until('the no-match state', () => deep(list.renderRoot, 'fl-empty-state'));
    expect(textOf(empty)).to.contain('没有符合条件的检查');
    empty.querySelector<HTMLElement>('vaadin-button')?.click();
    expect(window.location.search).to.equal('');
  });

  it('remembers which columns are shown', async () => {
    await show();
    const grid = deep<HTMLElement & { show(key: string, on: boolean): void; isShown(key: string): boolean }>(
      list.renderRoot,
      'fl-data-grid',
    );
    grid?.show('size', true);
    grid?.show('department', false);
    unmount();
    await show();
    const again = deep<HTMLElement & { isShown(key: string): boolean }>(list.renderRoot, 'fl-data-grid');
    expect(again?.isShown('size')).to.equal(true);
    expect(again?.isShown('department')).to.equal(false);
  });
});
