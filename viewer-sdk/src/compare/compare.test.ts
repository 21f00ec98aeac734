import { expect } from 'chai';
import type { JsonDataset, Keyword } from '../dicom/json.ts';
import { ctInstance, OTHER_STUDY, SERIES, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { type MountedExtension, mountExtension } from '../testing/mount.ts';
import { json, StubServer, serveStudy } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';

type Values = Partial<Record<Keyword, unknown>>;
const slices = Array.from({ length: 5 }, (_, index) => ctInstance(index));
/** Thick slices of the same patient, in the same frame of reference or in another. */
const prior = (change: Values = {}): JsonDataset[] =>
  Array.from({ length: 3 }, (_, index) =>
    ctInstance(index, {
      StudyInstanceUID: OTHER_STUDY,
      SeriesInstanceUID: `${OTHER_STUDY}.1`,
      SOPInstanceUID: `${OTHER_STUDY}.1.${index + 1}`,
      StudyDate: '20250102',
      AccessionNumber: 'RAD0',
      FrameOfReferenceUID: '1.2.3.9',
      ImagePositionPatient: [-100, -100, 50 - index * 10],
      BodyPartExamined: 'CHEST',
      ModalitiesInStudy: 'CT',
      ...change,
    }),
  );
const current = slices.map((_, index) => ctInstance(index, { BodyPartExamined: 'CHEST', ModalitiesInStudy: 'CT' }));

let server: StubServer;
let view: MountedExtension;
const mount = async (properties: Parameters<typeof mountExtension>[1]): Promise<void> => {
  view = await mountExtension({ id: 'probe', load: () => ({}) }, { study: STUDY, ...properties });
  await until(
    'the stack and the tools',
    () => shown(0) === `${SERIES}.3` && view.inside('filmless-viewer-panels', '[data-id="timeline"]'),
  );
};
const notes = () => view.text('.notes, [role="status"], [role="alert"]');
/** The search of a patient's studies, which the stub does not know. */
const both = (others: readonly JsonDataset[]): StubServer => {
  const made = new StubServer(serveStudy(current), serveStudy(others));
  made.first((path) => (path.includes('PatientID=') ? json([current[0], others[0]]) : undefined));
  return made;
};
const cells = () => [...view.viewer.renderRoot.querySelectorAll('filmless-viewer-cell')];
const shown = (cell: number) => cells()[cell]?.cell?.view?.frame.SOPInstanceUID;
const cellText = (cell: number, selector: string) => view.inCell(cell, selector)?.textContent?.trim() ?? '';

describe('comparing', () => {
  afterEach(() => {
    view.remove();
    server.restore();
  });

  it('puts the studies of `compare` beside, each under its date, and scrolls them together', async () => {
    server = both(prior());
    await mount({ compare: OTHER_STUDY });
    await until('both', () => shown(0) === `${SERIES}.3` && shown(1)?.startsWith(OTHER_STUDY));
    expect(view.viewer.layout).to.equal('1x2');
    await until('their dates', () => cellText(1, '.compare-date') !== '');
    expect(cellText(0, '.compare-date')).to.equal('Current exam 2026-01-02');
    expect(cellText(1, '.compare-date')).to.equal('Prior 2025-01-02');
    view.viewer.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
    await until('the last of both', () => shown(0) === `${SERIES}.5` && shown(1) === `${OTHER_STUDY}.1.3`);
  });

  /** Of its own: the viewer of an earlier test may still ask for the other one. */
  const STRANGERS = '1.2.3.9';
  for (const [what, change] of [
    ['another Patient ID', { PatientID: 'P2' }],
    ['another name', { PatientName: { Alphabetic: 'LI^NA' } }],
    ['another issuer', { IssuerOfPatientID: 'B' }],
  ] as const) {
    it(`refuses a study with ${what}, and keeps the study on the screen`, async () => {
      server = new StubServer(
        serveStudy(current.map((_, index) => ctInstance(index, { IssuerOfPatientID: 'A' }))),
        serveStudy(prior({ StudyInstanceUID: STRANGERS, IssuerOfPatientID: 'A', ...change })),
      );
      await mount({ compare: STRANGERS });
      await until('the refusal', () => notes().includes('Not compared'));
      expect(cells().length).to.equal(1);
      expect(shown(0)).to.equal(`${SERIES}.3`);
      // Nothing of it was asked for.
      expect(server.paths(`${STRANGERS}/series`)).to.deep.equal([]);
    });
  }

  it('takes images off that belong to somebody else after all', async () => {
    server = both(prior());
    server.first((path) =>
      path.includes(`${OTHER_STUDY}/series/`) && path.endsWith('/metadata')
        ? json(prior({ PatientName: { Alphabetic: 'LI^NA' } }))
        : undefined,
    );
    await mount({ compare: OTHER_STUDY });
    await until('the refusal', () => notes().includes('the names differ'));
    expect(shown(1)).to.equal(undefined);
    expect(shown(0)).to.equal(`${SERIES}.3`);
  });

  it('finds the prior by itself', async () => {
    server = both(prior());
    await mount({});
    view.context.run('compare-prior');
    await until('the prior', () => shown(1)?.startsWith(OTHER_STUDY));
  });

  it('says when there is none of this body part', async () => {
    server = both(prior({ BodyPartExamined: 'HEAD', StudyDescription: '头颅CT', SeriesDescription: 'Brain' }));
    await mount({});
    view.context.run('compare-prior');
    await until('the words', () => notes().includes('No earlier exam'));
    expect(cells().length).to.equal(1);
  });

  it('joins stacks at the slices chosen', async () => {
    server = both(prior());
    await mount({ compare: OTHER_STUDY });
    await until('both', () => shown(1)?.startsWith(OTHER_STUDY));
    await until('together', () => notes().includes('Comparing'));
    view.context.run('link');
    await until('apart', () => notes().includes('Scrolling apart'));
    await cells()[1]?.cell?.show(0);
    await until('the first', () => shown(1) === `${OTHER_STUDY}.1.1`);
    // The third of 5 mm beside the first of 10 mm: 10 mm further are the fifth and the second.
    view.context.run('link');
    view.viewer.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
    await until('10 mm further', () => shown(0) === `${SERIES}.5` && shown(1) === `${OTHER_STUDY}.1.2`);
  });

  it('lists earlier exams in a panel and opens one beside', async () => {
    server = both(prior());
    await mount({});
    view.inside('filmless-viewer-panels', '[data-id="timeline"]')?.click();
    const timeline = () => view.find('filmless-timeline')?.shadowRoot;
    await until('the list', () => timeline()?.querySelectorAll('.study').length === 2);
    timeline()?.querySelector<HTMLElement>('.compare')?.click();
    await until('the prior', () => shown(1)?.startsWith(OTHER_STUDY));
    await until('the mark', () => timeline()?.querySelectorAll('.state').length === 2);
    timeline()?.querySelectorAll<HTMLElement>('.open')[1]?.click();
    await until('the other study alone', () => view.viewer.study === OTHER_STUDY && view.opened.length === 2);
  });
});
