import { expect } from 'chai';
import { render, svg } from 'lit';
import { DicomWebClient } from '../../client/dicomweb-client.ts';
import { RequestQueue } from '../../client/request-queue.ts';
import { DicomWebUrls } from '../../client/urls.ts';
import { describeFrame, type Frame } from '../../dicom/frame.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';
import { type Annotation, createAnnotation } from '../../measure/model.ts';
import { readStudy } from '../../session/summaries.ts';
import { ctInstance, SERIES, STUDY } from '../../testing/datasets.ts';
import { afterEach, describe, it } from '../../testing/globals.ts';
import { json, StubServer, serveStudy } from '../../testing/stub-server.ts';
import { until } from '../../testing/until.ts';
import { attributes, merge } from '../dicom-write/dataset.ts';
import { OthersLayer } from '../panel/others-layer.ts';
import type { Draft, DraftStore } from '../store/drafts.ts';
import { writeKeyObjects, writeMeasurementReport } from '../write/index.ts';
import type { StudyWork } from './study-work.ts';
import { WorkSession } from './work-session.ts';

const images = [ctInstance(0), ctInstance(1)];
const frameOf = (index: number): Frame => describeFrame(images[index]!, 1)!;
const origin = (minute: number) => ({ author: 'Li', at: new Date(2026, 0, 2, 10, minute), locale: 'en' });
const line = (index: number, more: Partial<Annotation> = {}): Annotation => ({
  ...createAnnotation(
    'length',
    frameOf(index),
    [
      [10.25, 20],
      [30, 40.5],
    ],
    { author: 'Li' },
  ),
  ...more,
});

/** A report of annotations, as the archive gives it back. */
function report(annotations: readonly Annotation[], minute: number, predecessors: JsonDataset[] = []): JsonDataset {
  const measured = annotations.map((annotation) => ({
    annotation,
    frame: frameOf(images.findIndex((image) => image['00080018']?.Value?.[0] === annotation.instance)),
    measurement: { values: [{ name: 'length' as const, value: 28.4, unit: 'mm' }], calibration: undefined },
  }));
  const references = predecessors.map((dataset) => {
    const value = (tag: string) => String(dataset[tag]?.Value?.[0]);
    return {
      SOPClassUID: value('00080016'),
      SOPInstanceUID: value('00080018'),
      StudyInstanceUID: value('0020000D'),
      SeriesInstanceUID: value('0020000E'),
    };
  });
  return writeMeasurementReport(images[0]!, measured, references, origin(minute)).dataset;
}

class MemoryDrafts implements DraftStore {
  readonly kept = new Map<string, Draft>();
  failing = false;
  async put(draft: Draft): Promise<void> {
    if (this.failing) throw new Error('private window');
    this.kept.set(draft.id, structuredClone(draft));
  }
  async remove(id: string): Promise<void> {
    this.kept.delete(id);
  }
  async of(): Promise<Draft[]> {
    return [...this.kept.values()];
  }
}

let server: StubServer | undefined;
const open: WorkSession[] = [];

async function session(
  objects: readonly JsonDataset[],
  drafts: DraftStore = new MemoryDrafts(),
): Promise<{ session: WorkSession; work: StudyWork }> {
  server?.restore();
  server = new StubServer(
    (path) => (path === '/api/sessions/current' ? json({ user: { name: 'li', displayName: 'Li' } }) : undefined),
    serveStudy([...images, ...objects]),
  );
  const viewer = {
    element: document.createElement('div'),
    locale: 'en',
    client: new DicomWebClient(new DicomWebUrls('', location.href), new RequestQueue(), undefined),
    study: readStudy(images[0]!),
    cells: [],
    on: () => () => undefined,
    requestUpdate: () => undefined,
    notify: () => undefined,
    relist: async () => undefined,
  } as Partial<ViewerContext> as ViewerContext;
  const made = new WorkSession(viewer, drafts);
  open.push(made);
  await until('the work of the study', () => made.of(STUDY)?.state !== 'loading');
  return { session: made, work: made.of(STUDY)! };
}

/** Answers a STOW-RS request: all but the SOP classes named are stored. @returns how many requests came */
function takeStored(refused: (body: string) => number): () => number {
  let count = 0;
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    if (init?.method !== 'POST') return real(input, init);
    count += 1;
    const body = await new Response(init.body as Blob).text();
    expect(new Headers(init.headers).get('x-filmless-csrf')).to.equal('1');
    // The file meta information names each instance after its SOP class.
    const uids = [...body.matchAll(/UI..(2\.25\.\d+)[^\d.]/gs)].map((match) => match[1] ?? '');
    const named = [...new Set(uids)].filter((uid) => body.split(uid).length > 2);
    const kept = named.slice(0, named.length - refused(body));
    return json(
      { '00081199': { vr: 'SQ', Value: kept.map((uid) => attributes({ ReferencedSOPInstanceUID: uid })) } },
      kept.length === named.length ? 200 : 202,
    );
  };
  return () => count;
}

describe('kept work of a study', () => {
  afterEach(() => {
    for (const made of open.splice(0)) made.dispose();
    server?.restore();
    server = undefined;
  });

  it('is restored on the very image it was made on', async () => {
    const annotation = line(1, { text: '结节' });
    const { session: made, work } = await session([report([annotation], 1)]);
    const [restored, ...others] = made.store.all();
    expect(others).to.deep.equal([]);
    expect(restored).to.deep.include({
      kind: 'length',
      instance: annotation.instance,
      frame: 1,
      points: annotation.points,
      text: '结节',
    });
    expect(made.isDirty(work)).to.equal(false);
    // What was measured then is what is written again, even where the pixels are not there.
    expect(made.measurements.known(restored!)?.values[0]?.value).to.equal(28.4);
  });

  it('takes the newest version: what was deleted in it stays away', async () => {
    const [kept, deleted] = [line(0), line(1)];
    const first = report([kept, deleted], 1);
    const moved = {
      ...kept,
      points: [
        [1, 2],
        [3, 4],
      ] as const,
    };
    const { session: made } = await session([report([moved], 2, [first]), first]);
    expect(made.store.all().map(({ points }) => points)).to.deep.equal([moved.points]);
  });

  it('joins the reports of two readers who stored at once', async () => {
    const first = report([line(0)], 1);
    const [ours, theirs] = [report([line(0)], 2, [first]), report([line(1)], 3, [first])];
    const { session: made, work } = await session([first, ours, theirs]);
    expect(made.store.all()).to.have.length(2);
    expect(work.heads).to.have.length(2);
  });

  it('uses nothing that bears another patient', async () => {
    const foreign = merge(report([line(0)], 1), attributes({ PatientID: 'P2' }));
    const { session: made, work } = await session([foreign]);
    expect(made.store.all()).to.deep.equal([]);
    expect(work.kept).to.deep.equal([]);
    expect(work.notices).to.deep.equal([{ kind: 'otherPatient', count: 1 }]);
  });

  it('draws nothing whose image is not in the study, and says so', async () => {
    const dataset = report([line(0)], 1);
    const text = JSON.stringify(dataset).replaceAll('"1.2.3.1.1"', '"1.2.3.1.77"');
    const { session: made, work } = await session([JSON.parse(text) as JsonDataset]);
    expect(made.store.all()).to.deep.equal([]);
    expect(work.notices).to.deep.equal([{ kind: 'mismatch', count: 1 }]);
  });

  it('draws nothing whose coordinates name two images', async () => {
    const dataset = report(
      [
        line(0, {
          kind: 'cobb',
          points: [
            [1, 1],
            [9, 1],
            [1, 9],
            [9, 8],
          ],
        }),
      ],
      1,
    );
    const uid = '"1.2.3.1.1.1"';
    const text = JSON.stringify(dataset);
    const last = text.lastIndexOf(uid);
    const mixed = `${text.slice(0, last)}"1.2.3.1.1.2"${text.slice(last + uid.length)}`;
    const { session: made, work } = await session([JSON.parse(mixed) as JsonDataset]);
    expect(made.store.all()).to.deep.equal([]);
    expect(work.notices).to.deep.equal([{ kind: 'mismatch', count: 1 }]);
  });

  it('lists the reports of other systems and draws them without taking them over', async () => {
    const other = merge(report([line(0)], 1), attributes({ Manufacturer: 'Other' }));
    const { session: made, work } = await session([other]);
    expect(made.store.all()).to.deep.equal([]);
    expect(work.kept.map(({ ours, manufacturer }) => [ours, manufacturer])).to.deep.equal([[false, 'Other']]);
    expect(work.kept[0]).to.have.nested.property('groups[0].values[0].text', '28.4');
    // They are drawn all the same, on their image alone, as long as nobody switches that off.
    const layer = new OthersLayer(made);
    const drawn = (index: number): SVGElement => {
      const view = { frame: frameOf(index), toScreen: { a: 2, b: 0, c: 0, d: 2, e: 10, f: 0 } };
      const host = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      render(svg`${layer.render({ view } as unknown as Cell)}`, host);
      return host;
    };
    expect(drawn(0).querySelector('path')?.getAttribute('d')).to.equal('M30.5 40L70 81');
    expect(drawn(0).textContent).to.contain('28.4 mm');
    expect(drawn(1).querySelector('path')).to.equal(null);
    made.showOthers(false);
    expect(drawn(0).querySelector('path')).to.equal(null);
  });

  it('marks the images of the newest key object selection', async () => {
    const keys = (index: number, minute: number) =>
      writeKeyObjects(
        images[0]!,
        [{ ...frameOf(index), frame: undefined }],
        'forSurgery',
        `set ${index}`,
        origin(minute),
      ).dataset;
    const { session: made, work } = await session([keys(1, 5), keys(0, 1)]);
    expect(work.marks.map(({ instance }) => instance)).to.deep.equal([frameOf(1).SOPInstanceUID]);
    expect([work.keyTitle, work.keyDescription, made.isDirty(work)]).to.deep.equal(['forSurgery', 'set 1', false]);
  });

  it('counts the images that anybody marked, and none that somebody rejected', async () => {
    const keys = (index: number, minute: number) =>
      writeKeyObjects(images[0]!, [{ ...frameOf(index), frame: undefined }], 'forSurgery', '', origin(minute)).dataset;
    const foreign = merge(keys(1, 2), attributes({ Manufacturer: 'Other' }));
    const title = (value: string) => ({
      '0040A043': {
        vr: 'SQ',
        Value: [attributes({ CodeValue: value, CodingSchemeDesignator: 'DCM', CodeMeaning: 'x' })],
      },
    });
    const rejected = merge(keys(0, 3), attributes({ Manufacturer: 'Other' }), title('113001'));
    const { work } = await session([foreign, rejected]);
    expect([...work.keyImages()]).to.deep.equal([[SERIES, 1]]);
    work.toggle({ study: STUDY, series: SERIES, instance: frameOf(0).SOPInstanceUID, frame: undefined });
    expect([...work.keyImages()]).to.deep.equal([[SERIES, 2]]);
  });

  it('keeps changes as a draft until they are stored, and offers them to the next opening', async () => {
    const drafts = new MemoryDrafts();
    const { session: made, work } = await session([], drafts);
    made.store.add(line(0));
    made.toggleMark({
      study: STUDY,
      series: frameOf(1).SeriesInstanceUID,
      instance: frameOf(1).SOPInstanceUID,
      frame: undefined,
    });
    expect(made.isDirty(work)).to.equal(true);
    await until('the draft', () => drafts.kept.size === 1);
    made.dispose();
    const next = await session([], drafts);
    await until('the offer', () => next.work.drafts.length === 1);
    expect(next.session.store.all()).to.deep.equal([]);
    next.session.restoreDraft(next.work, next.work.drafts[0]!);
    expect(next.session.store.all()).to.have.length(1);
    expect(next.work.marks).to.have.length(1);
    await until('the draft of this opening alone', () => drafts.kept.size === 1);
    takeStored(() => 0);
    next.session.frames.note([frameOf(0), frameOf(1)]);
    await next.session.save(next.work);
    expect(next.work.results.map(({ error }) => error)).to.deep.equal([undefined, undefined]);
    await until('no draft', () => drafts.kept.size === 0);
  });

  it('tells which object was not stored, and keeps it', async () => {
    const drafts = new MemoryDrafts();
    const { session: made, work } = await session([], drafts);
    made.frames.note([frameOf(0)]);
    made.store.add(line(0));
    made.toggleMark({
      study: STUDY,
      series: frameOf(0).SeriesInstanceUID,
      instance: frameOf(0).SOPInstanceUID,
      frame: undefined,
    });
    const requests = takeStored(() => 1);
    await made.save(work);
    expect(requests()).to.equal(1);
    expect(work.results.map(({ object, error }) => [object, error?.code])).to.deep.equal([
      ['report', undefined],
      ['keys', 'VIEWER_BAD_RESPONSE'],
    ]);
    expect([work.measuredChanged(made.measuredOf(STUDY)), work.marksChanged]).to.deep.equal([false, true]);
    await until('the draft', () => drafts.kept.size === 1);
  });

  it('writes nothing under a patient whom the images do not bear', async () => {
    const { session: made, work } = await session([]);
    const foreign = describeFrame(ctInstance(0, { PatientID: 'P2' }), 1)!;
    made.frames.note([foreign]);
    made.store.add(line(0));
    const requests = takeStored(() => 0);
    await made.save(work);
    expect(work.results.map(({ error }) => error?.code)).to.deep.equal(['VIEWER_PATIENT_MISMATCH']);
    expect(requests()).to.equal(0);
  });

  it('says when the browser keeps no drafts', async () => {
    const drafts = new MemoryDrafts();
    drafts.failing = true;
    const { session: made } = await session([], drafts);
    made.store.add(line(0));
    await until('the warning', () => made.draftsFail);
  });
});
