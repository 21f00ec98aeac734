import { expect } from 'chai';
import { describeFrame } from '../../dicom/frame.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';
import { ctInstance } from '../../testing/datasets.ts';
import { afterEach, beforeEach, describe, it } from '../../testing/globals.ts';
import { until } from '../../testing/until.ts';
import { CinePlayer } from './cine-player.ts';

const FRAMES = 20;

/** A cell with a run of one file, whose frames come at once, or late. */
class RunCell {
  readonly shown: number[] = [];
  readonly open: { SeriesInstanceUID: string; frames: unknown[] };
  view: { frame: unknown; index: number } | undefined;
  /** How long a frame takes. */
  delayMs = 0;

  constructor(series: string, frameTimeMs: number) {
    const dataset = ctInstance(0, { NumberOfFrames: FRAMES, FrameTime: frameTimeMs });
    const frames = Array.from({ length: FRAMES }, (_, index) => describeFrame(dataset, index + 1));
    this.open = { SeriesInstanceUID: series, frames };
    this.view = { frame: frames[0], index: 0 };
  }

  async show(index: number): Promise<boolean> {
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    this.shown.push(index);
    if (this.view) this.view = { frame: this.open.frames[index], index };
    return true;
  }
}

let cell: RunCell;
let player: CinePlayer;
const element = document.createElement('div');
const viewer = { element, active: undefined as unknown as Cell, requestUpdate: () => undefined };
const show = (next: RunCell): void => {
  cell = next;
  viewer.active = next as unknown as Cell;
};

beforeEach(() => {
  document.body.append(element);
  player = new CinePlayer(viewer as unknown as ViewerContext);
});
afterEach(() => {
  player.stop();
  element.remove();
});

describe('CinePlayer', () => {
  it('shows every frame in order where there is time, round and round', async () => {
    show(new RunCell('1.2.1', 100));
    player.play();
    player.setRate(30);
    await until('once round', () => cell.shown.length > FRAMES);
    expect(player.playing).to.equal(true);
    const steps = cell.shown.slice(1).map((index, place) => (index - (cell.shown[place] ?? 0) + FRAMES) % FRAMES);
    // A busy machine may leave one out; none comes twice or backwards.
    expect(Math.min(...steps)).to.be.greaterThan(0);
    expect(cell.shown).to.include(0);
  });

  it('leaves out frames that would come late, and counts them', async () => {
    show(new RunCell('1.2.2', 20));
    cell.delayMs = 90;
    player.play();
    await until('frames were left out', () => player.dropped >= 3);
    expect(cell.shown.length).to.be.lessThan(FRAMES);
  });

  it('goes on from where somebody scrolled to', async () => {
    show(new RunCell('1.2.3', 50));
    player.play();
    await until('it plays', () => cell.shown.length >= 2);
    await cell.show(15);
    const from = cell.shown.length;
    await until('it plays on', () => cell.shown.length > from);
    expect(cell.shown[from]).to.be.greaterThan(15);
  });

  it('keeps a speed for the series it was chosen for, and stops with it', async () => {
    const first = new RunCell('1.2.4', 100);
    show(first);
    player.setRate(30);
    player.play();
    expect(player.rate).to.equal(30);
    await until('it plays', () => cell.shown.length > 0);
    first.view = undefined;
    await until('it stands', () => !player.playing);
    show(new RunCell('1.2.5', 100));
    expect(player.rate).to.equal(undefined);
  });
});
