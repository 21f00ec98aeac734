import { expect } from 'chai';
import { svg } from 'lit';
import { text } from '../dicom/json.ts';
import { ctInstance, DOCUMENT_SERIES, dataset, OTHER_STUDY, SERIES, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { drag, type MountedExtension, mountExtension, mountViewer } from '../testing/mount.ts';
import { json, StubServer, serveStudy } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';
import type { CellPointer, ObjectRenderer, ViewerContribution, ViewerExtension } from './contract.ts';
import { registerViewerExtension, viewerExtensions } from './registry.ts';

const slices = Array.from({ length: 5 }, (_, index) => ctInstance(index));
const report = (number: number) =>
  dataset({
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.11',
    SOPInstanceUID: `${DOCUMENT_SERIES}.${number}`,
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: DOCUMENT_SERIES,
    PatientID: 'P1',
    Modality: 'SR',
    SeriesNumber: 9,
    InstanceNumber: number,
  });

let server: StubServer;
let view: MountedExtension | undefined;
const button = { id: 'ruler', label: 'Ruler', icon: '<svg></svg>', group: 'navigate', place: 'main' } as const;
const mount = async (extension: Omit<ViewerExtension, 'id'>, instances = slices): Promise<MountedExtension> => {
  server = new StubServer(serveStudy(instances));
  view = await mountExtension({ id: 'test', ...extension }, { study: STUDY });
  return view;
};
/** A tool that keeps what it is told. */
const recorder = () => {
  const calls: string[] = [];
  const seen: CellPointer[] = [];
  const contribution: ViewerContribution = {
    tools: [
      {
        id: 'ruler',
        down: (pointer) => {
          seen.push(pointer);
          calls.push('down');
          return {
            move: () => void calls.push('move'),
            up: () => void calls.push('up'),
            cancel: () => void calls.push('cancel'),
          };
        },
        leave: () => void calls.push('leave'),
      },
    ],
  };
  return { calls, seen, contribution };
};
const key = (target: MountedExtension, name: string): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', { key: name, bubbles: true, composed: true, cancelable: true });
  target.find('.area')?.dispatchEvent(event);
  return event;
};

describe('viewer extensions', () => {
  afterEach(() => {
    view?.remove();
    view = undefined;
    server.restore();
  });

  it('have their buttons at once, switched off until they are loaded', async () => {
    server = new StubServer(serveStudy(slices));
    let arrive: ((contribution: ViewerContribution) => void) | undefined;
    const forget = registerViewerExtension({
      id: 'late',
      buttons: [button],
      load: () => new Promise((resolve) => (arrive = resolve)),
    });
    const mounted = mountViewer({ study: STUDY });
    try {
      await until('the button', () => mounted.button('ruler') !== null);
      expect(mounted.button('ruler')?.disabled).to.equal(true);
      arrive?.(recorder().contribution);
      await until('the tool', () => mounted.button('ruler')?.disabled === false);
    } finally {
      mounted.viewer.remove();
      forget();
    }
  });

  it('give a tool the press, the drag and the release, in pixels of the image', async () => {
    const { calls, seen, contribution } = recorder();
    const mounted = await mount({ buttons: [{ ...button, shortcut: 'Insert' }], load: () => contribution });
    await until('the image', () => mounted.context.active.view);
    expect(key(mounted, 'Insert').defaultPrevented).to.equal(true);
    await until('the tool is pressed', () => mounted.button('ruler')?.getAttribute('aria-pressed') === 'true');
    drag(mounted, [
      [100, 120],
      [110, 120],
    ]);
    expect(calls).to.deep.equal(['down', 'move', 'up']);
    expect(seen[0]?.screen.map(Math.round)).to.deep.equal([100, 120]);
    expect(seen[0]?.image).to.deep.equal(seen[0]?.screen);
    mounted.context.setTool('window');
    expect(calls.at(-1)).to.equal('leave');
  });

  it('are told when Escape, another finger or another study ends a drag', async () => {
    const { calls, contribution } = recorder();
    const mounted = await mount({ buttons: [button], load: () => contribution });
    await until('the image', () => mounted.context.active.view);
    mounted.context.setTool('ruler');
    const area = mounted.find('.area');
    if (!area) throw new Error('no area');
    area.setPointerCapture = () => undefined;
    const down = (pointerId: number) =>
      area.dispatchEvent(new PointerEvent('pointerdown', { pointerId, bubbles: true, cancelable: true }));
    const up = (pointerId: number) => area.dispatchEvent(new PointerEvent('pointerup', { pointerId, bubbles: true }));
    down(1);
    expect(key(mounted, 'Escape').defaultPrevented).to.equal(true);
    expect(calls).to.deep.equal(['down', 'cancel']);
    up(1);
    expect(key(mounted, 'Escape').defaultPrevented, 'nothing to give up: the page may have it').to.equal(false);
    down(1);
    down(2);
    expect(calls.slice(2)).to.deep.equal(['down', 'cancel']);
    up(2);
    up(1);
    down(1);
    mounted.viewer.study = OTHER_STUDY;
    await mounted.viewer.updateComplete;
    expect(calls.slice(4)).to.deep.equal(['down', 'cancel']);
  });

  it('draw over the image and take their handles before the tool, and nothing without an image', async () => {
    const grabbed: string[] = [];
    const layer = (id: string, order: number) => ({
      id,
      order,
      render: () => svg`<text class=${id}>${id}</text>`,
      grab: () => {
        grabbed.push(id);
        return id === 'low' ? { move() {}, up() {}, cancel() {} } : undefined;
      },
    });
    const mounted = await mount({ load: () => ({ layers: [layer('high', 40), layer('low', 10)] }) });
    await until('the layers', () => mounted.find('.layers .high') !== null);
    const drawn = [...(mounted.find('.layers')?.querySelectorAll('text') ?? [])].map((node) => node.textContent);
    expect(drawn).to.deep.equal(['low', 'high']);
    drag(mounted, [
      [100, 100],
      [150, 100],
    ]);
    expect(grabbed).to.deep.equal(['high', 'low']);
    expect(mounted.inside('filmless-viewer-toolbar', '.presets .value')?.textContent).to.equal('400 / 40');
    mounted.viewer.patient = 'P2';
    await until('the mismatch', () => mounted.errors.length > 0);
    await mounted.viewer.updateComplete;
    expect(mounted.find('.layers')).to.equal(null);
  });

  it('open panels, one at a time, and none of a study that had to go', async () => {
    const panel = (id: string) => ({
      id,
      label: id,
      icon: '<svg></svg>',
      render: () => svg`<g id=${id}></g>` as never,
    });
    const mounted = await mount({ load: () => ({ panels: [panel('one'), panel('two')] }) });
    mounted.context.openPanel('one');
    await until('the first', () => mounted.find('#one') !== null);
    mounted.inside<HTMLButtonElement>('filmless-viewer-panels', '[data-id="two"]')?.click();
    await until('the second', () => mounted.find('#two') !== null);
    expect(mounted.find('#one')).to.equal(null);
    mounted.viewer.patient = 'P2';
    await until('the mismatch', () => mounted.errors.length > 0);
    await mounted.viewer.updateComplete;
    expect(mounted.find('#two')).to.equal(null);
    const rail = () => [...(mounted.find('filmless-viewer-panels')?.shadowRoot?.querySelectorAll('button') ?? [])];
    await until('a rail that opens nothing', () => rail().length > 1 && rail().every(({ disabled }) => disabled));
  });

  it('have their panels in one order, whichever code comes first', async () => {
    const panel = (id: string) => ({ id, label: id, icon: '<svg></svg>', render: () => svg`` as never });
    let arrive: () => void = () => undefined;
    const late = registerViewerExtension({
      id: 'late',
      load: async () => {
        await new Promise<void>((resolve) => (arrive = resolve));
        return { panels: [panel('late')] };
      },
    });
    try {
      const mounted = await mount({ load: () => ({ panels: [panel('early')] }) });
      const ids = () =>
        [...(mounted.find('filmless-viewer-panels')?.shadowRoot?.querySelectorAll<HTMLElement>('.rail button') ?? [])]
          .map(({ dataset }) => dataset['id'])
          .filter((id) => id === 'late' || id === 'early')
          .join();
      await until('the early one', () => ids() === 'early');
      arrive();
      await until('both', () => ids() === 'late,early');
    } finally {
      late();
    }
  });

  it('show objects that are no images, and let one choose among several', async () => {
    const events: string[] = [];
    const renderer: ObjectRenderer = {
      id: 'sr',
      matches: () => true,
      mount: (host, { SOPInstanceUID }) => {
        host.textContent = SOPInstanceUID;
        events.push(`mount ${SOPInstanceUID}`);
        return { dispose: () => void events.push(`dispose ${SOPInstanceUID}`) };
      },
    };
    const mounted = await mount({ load: () => ({ renderers: [renderer] }) }, [...slices, report(1), report(2)]);
    await until('the image', () => mounted.context.active.view);
    await mounted.context.active.openSeries(STUDY, DOCUMENT_SERIES);
    await until('the first report', () => mounted.text('.object') === `${DOCUMENT_SERIES}.1`);
    expect(mounted.engine.view?.blanked).to.equal(true);
    const chooser = mounted.find<HTMLSelectElement>('select.objects');
    if (!chooser) throw new Error('no choice');
    chooser.value = '1';
    chooser.dispatchEvent(new Event('change'));
    await until('the second report', () => mounted.text('.object') === `${DOCUMENT_SERIES}.2`);
    await mounted.context.active.openSeries(STUDY, SERIES);
    await until('the image again', () => mounted.context.active.view);
    expect(mounted.find('.object')).to.equal(null);
    expect(events).to.deep.equal([
      `mount ${DOCUMENT_SERIES}.1`,
      `dispose ${DOCUMENT_SERIES}.1`,
      `mount ${DOCUMENT_SERIES}.2`,
      `dispose ${DOCUMENT_SERIES}.2`,
    ]);
  });

  it('that come late and know an object better take the place of others, and give it back', async () => {
    const draws = (id: string, more: Partial<ObjectRenderer> = {}): ObjectRenderer => ({
      id,
      matches: () => true,
      mount: (host) => {
        host.textContent = id;
        return { dispose: () => undefined };
      },
      ...more,
    });
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const load = async () => {
      await held;
      return { renderers: [draws('late', { order: 1 })] };
    };
    const forgetLate = registerViewerExtension({ id: 'late', load });
    try {
      // An object that an early one knows is shown at once; what nobody knows waits for the last of them.
      const early = draws('early', {
        matches: (dataset) => text(dataset, 'SOPInstanceUID') === `${DOCUMENT_SERIES}.1`,
      });
      const renderers = [early, draws('last resort', { lastResort: true })];
      const mounted = await mount({ load: () => ({ renderers }) }, [...slices, report(1), report(2)]);
      await until('the image', () => mounted.context.active.view);
      await mounted.context.active.openSeries(STUDY, DOCUMENT_SERIES);
      await until('the early one', () => mounted.text('.object') === 'early');
      expect(mounted.find('select.objects')).to.equal(null);
      letGo();
      await until('the late one', () => mounted.text('.object') === 'late');
      expect(mounted.find('select.objects')).not.to.equal(null);
      forgetLate();
      await until('the early one again', () => mounted.text('.object') === 'early');
      const chooser = () => mounted.find<HTMLSelectElement>('select.objects');
      await until('the choice, once every extension is there', () => chooser()?.options.length === 2);
      Object.assign(chooser() ?? {}, { value: '1' });
      chooser()?.dispatchEvent(new Event('change'));
      await until('the last resort', () => mounted.text('.object') === 'last resort');
    } finally {
      forgetLate();
    }
  });

  it('lead to an image with its window, and open no other patient’s study', async () => {
    const mounted = await mount({ load: () => ({}) });
    await until('the whole stack', () => mounted.context.active.open?.complete);
    const window = { center: 300, width: 1500 };
    const cell = await mounted.context.goTo({ study: STUDY, series: SERIES, instance: `${SERIES}.5`, window });
    expect(cell?.view?.frame.SOPInstanceUID).to.equal(`${SERIES}.5`);
    expect(cell?.view?.window).to.deep.equal(window);
    const stranger = ctInstance(0, { StudyInstanceUID: OTHER_STUDY, PatientID: 'P2' });
    server.first((path) => (path.includes(`StudyInstanceUID=${OTHER_STUDY}`) ? json([stranger]) : undefined));
    const nobody = await mounted.context.goTo({ study: OTHER_STUDY, series: '9.9', instance: '9.9.9' });
    expect(nobody).to.equal(undefined);
    expect(mounted.errors.map(({ code }) => code)).to.deep.equal(['VIEWER_PATIENT_MISMATCH']);
    expect(mounted.context.study).to.equal(undefined);
    expect(mounted.engine.views.every(({ frames }) => frames.length === 0)).to.equal(true);
  });

  it('ask in the viewer’s own dialogue, Escape means no', async () => {
    const mounted = await mount({ load: () => ({}) });
    const question = { title: 'Delete?', text: 'All of it', yes: 'Delete' };
    const first = mounted.context.confirm(question);
    await until('the dialogue', () => mounted.inside('filmless-viewer-dialog', '.yes') !== null);
    const form = mounted.inside('filmless-viewer-dialog', 'form');
    form?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    expect(await first).to.equal(false);
    const second = mounted.context.ask({ title: 'Text', label: 'Text', value: 'a', yes: 'OK' });
    await until('the line', () => mounted.inside('filmless-viewer-dialog', 'input') !== null);
    const input = mounted.inside<HTMLInputElement>('filmless-viewer-dialog', 'input');
    if (input) input.value = 'Lesion';
    mounted.inside<HTMLButtonElement>('filmless-viewer-dialog', '.yes')?.click();
    expect(await second).to.equal('Lesion');
  });

  it('cannot take an id or a key that is taken', async () => {
    const mounted = await mount({ buttons: [{ ...button, shortcut: 'Insert' }], load: () => ({}) });
    const refused = (extension: Partial<ViewerExtension>) => () =>
      registerViewerExtension({ id: 'other', load: () => ({}), ...extension });
    expect(refused({ id: 'test' })).to.throw('registered already');
    expect(refused({ buttons: [button] })).to.throw('exists already');
    expect(refused({ buttons: [{ ...button, id: 'x', shortcut: 'insert' }] })).to.throw('belongs to ruler');
    expect(refused({ buttons: [{ ...button, id: 'x', shortcut: 'W' }] })).to.throw('belongs to the viewer');
    expect(viewerExtensions().some(({ id }) => id === 'other')).to.equal(false);
    expect(mounted.errors).to.deep.equal([]);
  });

  it('that cannot be loaded leave the others and the images alone', async () => {
    server = new StubServer(serveStudy(slices));
    const forget = registerViewerExtension({ id: 'broken', load: () => Promise.reject(new Error('404')) });
    const mounted = mountViewer({ study: STUDY });
    try {
      await until('the notice', () => mounted.text('.notice').includes('broken'));
      await until('the image', () => mounted.changes.length > 0);
    } finally {
      mounted.viewer.remove();
      forget();
    }
  });
});
