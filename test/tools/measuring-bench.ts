import { GEOMETRY_DISCS } from '@filmless/core/phantoms';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { affine, brightSpots } from './discs.ts';

/** A place on the image, in pixels. */
export type Place = readonly [x: number, y: number];

/** What a page hears of a measurement. */
export interface Told {
  readonly action: string;
  readonly annotation: { readonly kind: string; readonly points: readonly Place[]; readonly text?: string };
  readonly results?: {
    readonly values: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
    readonly calibration?: { readonly kind: string; readonly note?: string };
  };
}

/** The middle of a disc of the phantom. */
export const disc = (index: number): Place => [GEOMETRY_DISCS[index]?.x ?? 0, GEOMETRY_DISCS[index]?.y ?? 0];
/** A distance, in pixels or in millimetres. */
export const away = (a: Place, b: Place, columnMm = 1, rowMm = 1): number =>
  Math.hypot((a[0] - b[0]) * columnMm, (a[1] - b[1]) * rowMm);

/** One page with one viewer, and the hand that works on it. */
export class Bench {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  get area() {
    return this.page.locator('filmless-viewer [part~="image"]').first();
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  focus(): Promise<void> {
    return this.area.focus();
  }

  async press(key: string): Promise<void> {
    await this.focus();
    await this.page.keyboard.press(key);
  }

  /** Where the discs are on the screen, found in the picture. */
  async spots(): Promise<[Spot, Spot, Spot, Spot]> {
    let found: Spot[] = [];
    const find = async (): Promise<number> => {
      found = await brightSpots(this.area);
      return found.length;
    };
    await expect.poll(find).toBe(GEOMETRY_DISCS.length);
    const [a, b, c, d] = found;
    if (!a || !b || !c || !d) throw new Error('no discs');
    return [a, b, c, d];
  }

  /** From pixels of the image to the page, by the discs that are seen. */
  async map(): Promise<(place: Place) => [number, number]> {
    await this.hide(true);
    const spots = await this.spots();
    await this.hide(false);
    return affine(
      [0, 1, 2].map((index) => disc(index)),
      spots.slice(0, 3).map(({ x, y }) => [x, y] as const),
    );
  }

  /** Annotations and what reads values are bright, too. */
  async hide(hidden: boolean): Promise<void> {
    await this.page.mouse.move(2, 2);
    await this.page
      .locator('.layers')
      .first()
      .evaluate((layers, value) => {
        (layers as unknown as { style: { visibility: string } }).style.visibility = value ? 'hidden' : '';
      }, hidden);
  }

  async zoom(): Promise<void> {
    const box = await this.area.boundingBox();
    if (!box) throw new Error('no image area');
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await this.page.keyboard.down('Control');
    await this.page.mouse.wheel(0, -100);
    await this.page.keyboard.up('Control');
    await this.press('p');
    await this.drag(
      { x: box.x + box.width / 2, y: box.y + box.height / 2 },
      { x: box.x + box.width / 2 + 33, y: box.y + box.height / 2 - 17 },
    );
  }

  async drag(from: Point, to: Point): Promise<void> {
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 2 });
    await this.page.mouse.move(to.x, to.y);
    await this.page.mouse.up();
  }

  /** One finger from place to place; a second one comes down before the first is lifted. */
  async swipe([from, to]: readonly [Point, Point], second?: Point): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Point[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints });
    await send('touchStart', [from]);
    await send('touchMove', [{ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }]);
    await send('touchMove', [to]);
    if (second) await send('touchStart', [to, second]);
    await send('touchEnd', []);
    await session.detach();
  }

  async click({ x, y }: Point): Promise<void> {
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.up();
  }

  /** What the page is told after an action, the last of it. */
  async tells(action: () => Promise<unknown>): Promise<Told> {
    const told = (): Promise<Told[]> =>
      this.page.evaluate(() => (globalThis as unknown as { told: Told[] }).told.splice(0));
    await told();
    await action();
    let last: Told | undefined;
    const next = async (): Promise<boolean> => {
      last = (await told()).at(-1);
      return last !== undefined;
    };
    await expect.poll(next).toBe(true);
    if (!last) throw new Error('nothing was told');
    return last;
  }

  async showSlice(slice: number): Promise<void> {
    await this.press('Home');
    for (let step = 0; step < slice; step += 1) await this.press('ArrowDown');
    await expect
      .poll(() =>
        this.page.evaluate(
          () =>
            (globalThis as unknown as { viewerEvents: { type: string; detail: { index: number } }[] }).viewerEvents
              .filter(({ type }) => type === 'filmless-image-change')
              .at(-1)?.detail.index,
        ),
      )
      .toBe(slice);
  }

  async text(selector: string): Promise<string> {
    const lines = await this.page.locator(`.layers ${selector} text`).allTextContents();
    return lines.join(' ');
  }

  async answer(text: string): Promise<void> {
    const field = this.page.getByRole('dialog').locator('input');
    await field.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Takes all drawings away. */
  async clear(): Promise<void> {
    await this.focus();
    const drawn = this.page.locator('.layers .measure[data-id]');
    while ((await drawn.count()) > 0) await this.tells(() => this.page.keyboard.press('Control+z'));
  }
}

/** A place on the page, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
type Spot = Point & { readonly area: number };
