import { expect } from 'chai';
import { ctInstance, SERIES, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { type Mounted, mountViewer } from '../testing/mount.ts';
import { StubServer, serveStudy } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';

const slices = Array.from({ length: 5 }, (_, index) => ctInstance(index));
let server: StubServer;
const all: Mounted[] = [];
const open = async (): Promise<Mounted> => {
  const view = mountViewer({ study: STUDY });
  all.push(view);
  await until('the image', () => view.changes.length > 0 && view.engine.view?.frames.length === 5);
  await until('the tools', () => view.inside('filmless-viewer-toolbar', '.tool') !== null);
  return view;
};
const press = (view: Mounted, key: string, more: KeyboardEventInit = {}): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...more });
  (view.find('.area') ?? view.viewer).dispatchEvent(event);
  return event;
};

describe('<filmless-viewer> on a page', () => {
  afterEach(() => {
    for (const { viewer } of all.splice(0)) viewer.remove();
    server.restore();
  });

  it('survives being moved, and frees what it held when it is gone', async () => {
    server = new StubServer(serveStudy(slices));
    const view = await open();
    const place = document.createElement('div');
    document.body.append(place);
    place.append(view.viewer);
    expect(view.engine.view?.disposed).to.equal(false);
    const pictures = [view.inside<HTMLImageElement>('filmless-viewer-thumbnails', 'img')?.src ?? ''];
    place.remove();
    await until('everything is freed', () => view.engine.view?.disposed);
    for (const url of pictures) {
      const gone = await fetchReal(url);
      expect(gone).to.equal('gone');
    }
    document.body.append(view.viewer);
    await until('it opens again', () => view.engine.views.length === 2 && view.changes.length > 1);
  });

  const fetchReal = (url: string): Promise<string> =>
    new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve('there');
      image.onerror = () => resolve('gone');
      image.src = url;
    });

  it('lets several viewers live side by side', async () => {
    server = new StubServer(serveStudy(slices));
    const [one, two] = [await open(), await open()];
    press(one, 'Home');
    await until('the first image', () => one.changes.at(-1)?.SOPInstanceUID === `${SERIES}.1`);
    expect(two.changes.at(-1)?.SOPInstanceUID).to.equal(`${SERIES}.3`);
    one.viewer.remove();
    await until('one is freed', () => one.engine.view?.disposed);
    expect(two.engine.view?.disposed).to.equal(false);
  });

  it('scrolls by keys and stops at the ends', async () => {
    server = new StubServer(serveStudy(slices));
    const view = await open();
    const steps: [string, number][] = [
      ['ArrowDown', 4],
      ['ArrowUp', 3],
      ['End', 5],
      ['PageDown', 5],
      ['Home', 1],
      ['ArrowUp', 1],
      ['PageDown', 5],
    ];
    for (const [key, instance] of steps) {
      expect(press(view, key).defaultPrevented, key).to.equal(true);
      await until(`${key} leads to ${instance}`, () => view.changes.at(-1)?.SOPInstanceUID === `${SERIES}.${instance}`);
    }
  });

  it('leaves the page its own keys', async () => {
    server = new StubServer(serveStudy(slices));
    const view = await open();
    let heard = 0;
    const listen = () => {
      heard += 1;
    };
    document.addEventListener('keydown', listen);
    for (const event of [
      press(view, 'F5'),
      press(view, 's', { ctrlKey: true }),
      press(view, 'ArrowLeft', { altKey: true }),
      press(view, 'Escape'),
      press(view, 'Tab'),
      press(view, '§'),
    ]) {
      expect(event.defaultPrevented, event.key).to.equal(false);
    }
    document.removeEventListener('keydown', listen);
    expect(heard).to.equal(6);
    // A key pressed elsewhere on the page is none of the viewer's.
    const elsewhere = new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true });
    document.body.dispatchEvent(elsewhere);
    expect(elsewhere.defaultPrevented).to.equal(false);
  });

  it('does what the keys and buttons say', async () => {
    server = new StubServer(serveStudy(slices));
    const view = await open();
    for (const key of ['f', 'a', 'r', 'h', 'v', 'x']) press(view, key);
    expect(view.engine.view?.calls.filter((call) => !call.startsWith('setFrames'))).to.deep.equal([
      'fit',
      'actualSize',
      'rotate',
      'flip horizontal',
      'flip vertical',
      'reset',
    ]);
    press(view, 'i');
    await until(
      'inverted',
      () => view.inside('filmless-viewer-toolbar', '[aria-label="Invert"][aria-pressed="true"]') !== null,
    );
    press(view, '4');
    await until(
      'the lung window',
      () => view.inside('filmless-viewer-toolbar', '.presets .value')?.textContent === '1500 / -600',
    );
    press(view, 'o');
    await until('no text on the image', () => view.find('filmless-viewer-overlay')?.hasAttribute('hidden'));
    view.inside<HTMLButtonElement>('filmless-viewer-toolbar', '[aria-label="Zoom"]')?.click();
    await until('the zoom tool', () => view.find('.tool-zoom') !== null);
  });

  it('offers only the tools the page allows', async () => {
    server = new StubServer(serveStudy(slices));
    const view = await open();
    view.viewer.toolset = 'window, zoom';
    await until(
      'two tools',
      () =>
        view.viewer.renderRoot.querySelector('filmless-viewer-toolbar')?.shadowRoot?.querySelectorAll('.tool')
          .length === 2,
    );
    expect(press(view, 'r').defaultPrevented).to.equal(false);
    expect(press(view, 'z').defaultPrevented).to.equal(true);
  });

  it('plays a stack', async () => {
    server = new StubServer(serveStudy(slices));
    const view = await open();
    await until(
      'playing is there',
      () => view.inside('filmless-viewer-toolbar', '[aria-label="Play"]:enabled') !== null,
    );
    press(view, ' ');
    await until('it went round', () => new Set(view.changes.map(({ index }) => index)).size === 5);
    press(view, ' ');
    await until('it stands', () => view.inside('filmless-viewer-toolbar', '[aria-label="Play"]') !== null);
  });

  it('scrolls by the wheel and drags with every button', async () => {
    server = new StubServer(serveStudy(slices));
    const view = await open();
    const area = view.find('.area')!;
    area.dispatchEvent(new WheelEvent('wheel', { deltaY: 100, bubbles: true, cancelable: true }));
    await until('one slice on', () => view.changes.at(-1)?.SOPInstanceUID === `${SERIES}.4`);
    area.dispatchEvent(new WheelEvent('wheel', { deltaY: -100, ctrlKey: true, bubbles: true, cancelable: true }));
    expect(view.engine.view?.calls).to.include('zoomBy in');
    const drag = (button: number) => {
      // A made-up pointer cannot be captured.
      area.setPointerCapture = () => undefined;
      const at = (type: string, x: number, y: number) =>
        area.dispatchEvent(
          new PointerEvent(type, { pointerId: 7, button, clientX: x, clientY: y, bubbles: true, cancelable: true }),
        );
      at('pointerdown', 300, 300);
      at('pointermove', 340, 310);
      at('pointerup', 340, 310);
    };
    drag(1);
    expect(view.engine.view?.calls).to.include('panBy 40 10');
    drag(0);
    await until(
      'a wider window',
      () => view.inside('filmless-viewer-toolbar', '.presets .value')?.textContent === '507 / 13',
    );
    const zooms = () => view.engine.view?.calls.filter((call) => call.startsWith('zoomBy')).length;
    const before = zooms() ?? 0;
    drag(2);
    expect(zooms(), 'the right button does what the left one does not').to.equal(before + 1);
    view.viewer.rightButton = 'window';
    drag(2);
    await until(
      'another window',
      () => view.inside('filmless-viewer-toolbar', '.presets .value')?.textContent !== '507 / 13',
    );
    expect(zooms()).to.equal(before + 1);
  });
});
