import { expect } from 'chai';
import { text } from '../dicom/json.ts';
import { ctInstance, DOCUMENT_SERIES, dataset, OTHER_STUDY, SERIES, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { type Mounted, mountViewer, overlayText } from '../testing/mount.ts';
import { json, picture, problem, StubServer, serveStudy } from '../testing/stub-server.ts';
import { deferred, until } from '../testing/until.ts';

const slices = Array.from({ length: 5 }, (_, index) => ctInstance(index));
const middle = `${SERIES}.3`;
const otherPatient = Array.from({ length: 3 }, (_, index) =>
  ctInstance(index, {
    StudyInstanceUID: OTHER_STUDY,
    SeriesInstanceUID: `${OTHER_STUDY}.1`,
    SOPInstanceUID: `${OTHER_STUDY}.1.${index}`,
    PatientID: 'P2',
    PatientName: { Ideographic: '李娜' },
    AccessionNumber: 'RAD2',
  }),
);
const report = dataset({
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.11',
  SOPInstanceUID: `${DOCUMENT_SERIES}.1`,
  StudyInstanceUID: STUDY,
  SeriesInstanceUID: DOCUMENT_SERIES,
  PatientID: 'P1',
  Modality: 'SR',
  SeriesNumber: 9,
});

let server: StubServer;
let mounted: Mounted | undefined;
const mount = (properties: Parameters<typeof mountViewer>[0]): Mounted => {
  mounted = mountViewer(properties);
  return mounted;
};
const shown = async (view: Mounted) => {
  await until('the stored pixels are on the screen', () => view.changes.length > 0);
  await until('the tools', () => view.find('filmless-viewer-toolbar') !== null);
};

describe('<filmless-viewer>', () => {
  afterEach(() => {
    mounted?.viewer.remove();
    server.restore();
  });

  it('shows the server’s picture first and then the same image’s stored pixels', async () => {
    server = new StubServer(serveStudy(slices));
    const answer = deferred<Response>();
    server.first((path) => (path.includes(`${middle}/frames/`) ? answer.promise : undefined));
    const view = mount({ study: STUDY });
    await until('the preview', () => view.firstImages.length > 0);
    expect(view.firstImages[0]).to.have.property('source', 'preview');
    expect(view.firstImages[0]?.ms).to.be.greaterThan(0);
    expect(view.find('img.preview')).not.to.equal(null);
    await until('its own text', () => overlayText(view).includes('张伟'));
    expect(view.changes).to.deep.equal([]);
    answer.resolve((await serveFrame())!);
    await shown(view);
    expect(view.changes[0]).to.include({ StudyInstanceUID: STUDY, SOPInstanceUID: middle, frameNumber: 1 });
    await until('the preview goes', () => view.find('img.preview') === null);
    expect(view.firstImages.length).to.equal(1);
    expect(view.opened).to.deep.equal([
      { StudyInstanceUID: STUDY, PatientID: 'P1', AccessionNumber: 'RAD1', seriesCount: 1 },
    ]);
  });

  const serveFrame = () =>
    serveStudy(slices)(`/dicom-web/studies/${STUDY}/series/${SERIES}/instances/${middle}/frames/1`, {
      path: '',
      authorization: null,
    });

  it('does not wait for the metadata of the whole series', async () => {
    server = new StubServer(serveStudy(slices));
    const whole = deferred<Response>();
    server.first((path) => (path.endsWith(`/series/${SERIES}/metadata`) ? whole.promise : undefined));
    const view = mount({ study: STUDY });
    await shown(view);
    expect(view.engine.view?.frames.length).to.equal(1);
    whole.resolve(json(slices));
    await until('the whole stack', () => view.engine.view?.frames.length === 5);
    expect(view.engine.view?.calls).to.include('setFrames 5 true');
    expect(view.engine.view?.shown?.SOPInstanceUID).to.equal(middle);
  });

  it('never lets an earlier study’s answers onto the screen', async () => {
    server = new StubServer(serveStudy(slices), serveStudy(otherPatient));
    const late = deferred<Response>();
    server.first((path) =>
      path.startsWith(`/dicom-web/studies/${STUDY}/thumbnail`) || path.endsWith(`/series/${SERIES}/metadata`)
        ? late.promise.then((response) => response.clone())
        : undefined,
    );
    const view = mount({ study: STUDY });
    await until('the first study is asked for', () => server.paths(`${STUDY}/thumbnail`).length > 0);
    view.viewer.study = OTHER_STUDY;
    await until('the second study is on the screen', () => view.changes.length > 0);
    late.resolve(picture(`/dicom-web/studies/${STUDY}/series/${SERIES}/instances/${middle}`));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(view.changes.every(({ StudyInstanceUID }) => StudyInstanceUID === OTHER_STUDY)).to.equal(true);
    expect(view.find('img.preview')).to.equal(null);
    expect(overlayText(view)).to.include('李娜').and.not.to.include('张伟');
    expect(view.text('.banner')).to.include('P2').and.not.to.include('P1');
  });

  it('takes the old images off the screen before the new study is there', async () => {
    server = new StubServer(serveStudy(slices), serveStudy(otherPatient));
    const view = mount({ study: STUDY });
    await shown(view);
    server.first((path) => (path.includes(OTHER_STUDY) ? new Promise(() => undefined) : undefined));
    view.viewer.study = OTHER_STUDY;
    await view.viewer.updateComplete;
    expect(view.engine.view?.blanked).to.equal(true);
    expect(view.engine.view?.frames).to.deep.equal([]);
    expect(overlayText(view)).to.equal('');
    expect(view.text('.banner')).to.equal('');
  });

  it('blanks the images of another patient than the page names', async () => {
    server = new StubServer(serveStudy(slices));
    const view = mount({ study: STUDY, patient: 'P2' });
    await until('the failure', () => view.errors.length > 0);
    expect(view.errors[0]?.code).to.equal('VIEWER_PATIENT_MISMATCH');
    expect(view.firstImages).to.deep.equal([]);
    expect(view.changes).to.deep.equal([]);
    expect(view.find('img.preview')).to.equal(null);
    expect(view.inside('filmless-viewer-thumbnails', 'img')).to.equal(null);
    await until('the message', () => view.text('[role="alert"]').includes('VIEWER_PATIENT_MISMATCH'));
  });

  it('blanks them, too, when only an image’s own data set says so', async () => {
    const mixed = [...slices.slice(0, 4), ctInstance(4, { PatientID: 'P9' })];
    server = new StubServer(serveStudy(mixed));
    const view = mount({ study: STUDY, patient: 'P1' });
    await until('the failure', () => view.errors.length > 0);
    expect(view.errors[0]?.code).to.equal('VIEWER_PATIENT_MISMATCH');
    await until('nothing is on the screen', () => overlayText(view) === '' && view.find('img.preview') === null);
    expect(view.engine.views.every(({ blanked, frames }) => blanked && frames.length === 0)).to.equal(true);
  });

  it('blanks what is on the screen when the page names another patient', async () => {
    server = new StubServer(serveStudy(slices));
    const view = mount({ study: STUDY, patient: 'P1' });
    await shown(view);
    view.viewer.patient = 'P2';
    await view.viewer.updateComplete;
    expect(view.engine.view?.blanked).to.equal(true);
    expect(view.engine.view?.shown).to.equal(undefined);
    await until('the failure', () => view.errors.length > 0);
    expect(view.errors[0]?.code).to.equal('VIEWER_PATIENT_MISMATCH');
    // There is nothing left to touch: no tool looks as if there were.
    const zoom = () => view.inside<HTMLButtonElement>('filmless-viewer-toolbar', '[data-id="zoom"]');
    await until('tools that are off', () => zoom()?.disabled);
    view.viewer.patient = 'P1';
    await until('tools that are on', () => zoom()?.disabled === false);
  });

  it('refuses images that belong to another study than asked for', async () => {
    server = new StubServer(serveStudy(slices));
    server.first((path) =>
      path.endsWith('/metadata') ? json([ctInstance(2, { StudyInstanceUID: OTHER_STUDY })]) : undefined,
    );
    const view = mount({ study: STUDY });
    await until('the failure', () => view.errors.length > 0);
    expect(view.errors[0]?.code).to.equal('VIEWER_IDENTITY_MISMATCH');
    expect(view.changes).to.deep.equal([]);
  });

  it('opens by accession number, and nothing where two patients share it', async () => {
    server = new StubServer(serveStudy(slices));
    const view = mount({ accession: 'RAD1' });
    await shown(view);
    view.viewer.remove();
    server.first((path) =>
      path.includes('AccessionNumber=RAD1')
        ? json([slices[0], ctInstance(0, { StudyInstanceUID: OTHER_STUDY, PatientID: 'P2' })])
        : undefined,
    );
    const ambiguous = mount({ accession: 'RAD1' });
    await until('the failure', () => ambiguous.errors.length > 0);
    expect(ambiguous.errors[0]?.code).to.equal('VIEWER_AMBIGUOUS');
    expect(ambiguous.changes).to.deep.equal([]);
  });

  it('does not take an accession number for a pattern', async () => {
    server = new StubServer((path) => (path.includes('/studies?') ? json([slices[0]]) : undefined));
    const view = mount({ accession: '*' });
    await until('the failure', () => view.errors.length > 0);
    expect(view.errors[0]?.code).to.equal('VIEWER_STUDY_NOT_FOUND');
  });

  it('takes the text from the image on the screen, not from the one asked for', async () => {
    const named = slices.map((slice, index) =>
      ctInstance(index, { SeriesDescription: `Slice ${text(slice, 'InstanceNumber')}` }),
    );
    server = new StubServer(serveStudy(named));
    const view = mount({ study: STUDY });
    await shown(view);
    await until('the whole stack', () => view.engine.view?.frames.length === 5);
    await until('its text', () => overlayText(view).includes('Slice 3'));
    server.first((path) => (path.includes('/frames/') ? new Promise(() => undefined) : undefined));
    view.viewer.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
    await until('what is on its way', () => view.text('[role="status"]').includes('5'));
    expect(overlayText(view)).to.include('Slice 3').and.not.to.include('Slice 5');
  });

  it('shows nothing in place of an image that cannot be read, and goes on', async () => {
    server = new StubServer(serveStudy(slices));
    const view = mount({ study: STUDY });
    await shown(view);
    await until('the whole stack', () => view.engine.view?.frames.length === 5);
    view.engine.view?.broken.add(`${SERIES}.4`);
    view.viewer.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
    await until('the failure', () => view.errors.length > 0);
    expect(view.errors[0]?.code).to.equal('VIEWER_IMAGE_UNREADABLE');
    expect(view.engine.view?.blanked).to.equal(true);
    await until('no text of another image', () => overlayText(view) === '');
    view.viewer.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
    await until('the next image', () => view.changes.at(-1)?.SOPInstanceUID === `${SERIES}.5`);
    expect(view.text('[role="alert"]')).to.equal('');
  });

  it('lists documents, and opens one by itself when there are no images', async () => {
    server = new StubServer(serveStudy([...slices, report]));
    const view = mount({ study: STUDY });
    await until('the list', () => view.inside('filmless-viewer-thumbnails', '.download') !== null);
    view.viewer.remove();
    server.restore();
    server = new StubServer(serveStudy([report]));
    const documents = mount({ study: STUDY });
    const surface = () => documents.find('.object-surface')?.shadowRoot?.textContent ?? '';
    await until('the document', () => surface() !== '');
    expect(surface()).to.include('SR');
  });

  it('says what is wrong, with a code, and tries again', async () => {
    server = new StubServer(serveStudy(slices));
    let down = true;
    server.first(() => (down ? problem(503, 'UNAVAILABLE') : undefined));
    const view = mount({ study: STUDY });
    await until('the message', () => view.text('[role="alert"]').includes('VIEWER_SERVER_FAILED'));
    expect(view.text('[role="alert"]')).to.include('Try again in a moment');
    down = false;
    view.find<HTMLButtonElement>('[role="alert"] button')?.click();
    await shown(view);
  });

  it('keeps the preview when the engine does not come', async () => {
    server = new StubServer(serveStudy(slices));
    const view = mount({ study: STUDY, engineLoader: () => Promise.reject(new Error('404')) });
    await until('the failure', () => view.errors.length > 0);
    expect(view.errors[0]?.code).to.equal('VIEWER_ENGINE_FAILED');
    await until('the preview', () => view.firstImages.length > 0);
    await until('the badge', () => view.text('[role="alert"]').includes('Preview only'));
    expect(view.find('img.preview')).not.to.equal(null);
  });

  it('names a wrong attribute', async () => {
    server = new StubServer(serveStudy(slices));
    const view = mount({ study: '../../etc' });
    await until('the failure', () => view.errors.length > 0);
    expect(view.errors[0]).to.deep.equal({ code: 'VIEWER_BAD_ATTRIBUTE', detail: 'study' });
    expect([...server.paths('/thumbnail'), ...server.paths('/studies?')], 'nothing is asked for').to.deep.equal([]);
  });

  it('asks again with a token that comes after a refusal', async () => {
    server = new StubServer(serveStudy(slices));
    server.first((_path, { authorization }) =>
      authorization === 'Bearer t' ? undefined : problem(401, 'UNAUTHENTICATED'),
    );
    const view = mount({ study: STUDY });
    await until('the failure', () => view.errors.some(({ code }) => code === 'VIEWER_UNAUTHENTICATED'));
    view.viewer.tokenProvider = () => 't';
    await shown(view);
  });

  it('speaks Chinese by default, and changes its language', async () => {
    server = new StubServer(serveStudy(slices));
    const view = mount({ study: STUDY, locale: 'zh-CN' });
    await shown(view);
    await until('Chinese', () => view.text('.banner').includes('患者 ID'));
    expect(view.text('.banner')).to.include('45 岁');
    view.viewer.locale = 'en';
    await until('English', () => view.text('.banner').includes('45 y'));
  });
});
