import type { ObjectInstance, ViewerContext } from '@filmless/viewer-sdk';
import { html, nothing, render, type TemplateResult } from 'lit';
import { hasTwelveLeads, type LayoutName, layOut } from './layout.ts';
import { measurements, rateFromRr, statements } from './measurements.ts';
import { printSheet } from './print.ts';
import { type Caliper, drawSheet } from './sheet.ts';
import { ecgStyles } from './styles.ts';
import { ecgText, type TextKey } from './texts.ts';
import { completeLimbs, type Group, itemsAt, readGroup, TAG, textAt } from './waveform.ts';

const SPEEDS = [12.5, 25, 50];
const GAINS = [5, 10, 20];
const LAYOUTS: readonly LayoutName[] = ['3x4', '6x2', '12x1'];
const SHEET_SECONDS = 10;
/** CSS pixels of a millimetre. */
const MM = 96 / 25.4;

/** One ECG in the place of a cell's image. */
export class EcgView {
  readonly #element = document.createElement('div');
  readonly #root: ShadowRoot;
  readonly #instance: ObjectInstance;
  readonly #viewer: ViewerContext;
  readonly #controller = new AbortController();
  readonly #resized: ResizeObserver;
  #groups: readonly Group[] = [];
  #failed = false;
  #group = 0;
  #layout: LayoutName = '3x4';
  #speed = 25;
  #gain = 10;
  #from = 0;
  #fits = true;
  #caliper: Caliper | undefined;

  constructor(host: HTMLElement, instance: ObjectInstance, viewer: ViewerContext) {
    this.#instance = instance;
    this.#viewer = viewer;
    this.#element.className = 'ecg-surface';
    this.#element.lang = viewer.locale;
    this.#element.tabIndex = 0;
    Object.assign(this.#element.style, { position: 'absolute', inset: '0' });
    this.#root = this.#element.attachShadow({ mode: 'open' });
    if (ecgStyles.styleSheet) this.#root.adoptedStyleSheets = [ecgStyles.styleSheet];
    for (const type of ['pointerdown', 'wheel', 'dblclick'] as const)
      this.#element.addEventListener(type, (event) => event.stopPropagation(), { passive: true });
    this.#element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#caliper) return;
      event.stopPropagation();
      this.#change(() => (this.#caliper = undefined));
    });
    host.append(this.#element);
    this.#resized = new ResizeObserver(() => this.#draw());
    this.#resized.observe(this.#element);
    this.#draw();
    void this.#load();
  }

  dispose(): void {
    this.#controller.abort();
    this.#resized.disconnect();
    this.#element.remove();
  }

  async #load(): Promise<void> {
    const { client } = this.#viewer;
    try {
      const groups: Group[] = [];
      for (const item of itemsAt(this.#instance.dataset, 'WaveformSequence')) {
        const data = item[TAG.WaveformData];
        if (!data || !client) throw new Error('a waveform without data');
        groups.push(completeLimbs(readGroup(item, await client.binary(data, { signal: this.#controller.signal }))));
      }
      if (groups.length === 0) throw new Error('no waveform');
      this.#groups = groups;
      if (groups[0] && !hasTwelveLeads(groups[0])) this.#layout = '12x1';
    } catch {
      this.#failed = true;
    }
    if (!this.#controller.signal.aborted) this.#draw();
  }

  #t(key: TextKey, values?: Readonly<Record<string, string | number>>): string {
    return ecgText(this.#viewer.locale, key, values);
  }

  #change(change: () => void): void {
    change();
    this.#draw();
  }

  #draw(): void {
    const group = this.#groups[this.#group];
    if (this.#failed) render(html`<div class="message" role="alert">${this.#t('failed')}</div>`, this.#root);
    else if (!group) render(html`<div class="message" role="status">${this.#t('loading')}</div>`, this.#root);
    else render(html`${this.#bar(group)}${this.#facts(group)}${this.#paper(group)}`, this.#root);
  }

  #bar(group: Group): TemplateResult {
    const twelve = hasTwelveLeads(group);
    const last = Math.max(0, group.seconds - SHEET_SECONDS);
    return html`<div class="bar">
      <span class="name">${this.#t('title')}</span>
      ${
        this.#groups.length > 1
          ? this.#choice(
              'group',
              this.#group,
              this.#groups.map(({ label }, index) => [index, label || `${index + 1}`]),
              (value) => {
                this.#group = value;
                this.#from = 0;
              },
            )
          : nothing
      }
      ${
        twelve
          ? this.#choice(
              'layout',
              LAYOUTS.indexOf(this.#layout),
              LAYOUTS.map((name, index) => [index, this.#t(name)]),
              (value) => {
                this.#layout = LAYOUTS[value] ?? '3x4';
              },
            )
          : nothing
      }
      ${this.#choice(
        'speed',
        this.#speed,
        SPEEDS.map((speed) => [speed, `${speed} mm/s`]),
        (value) => {
          this.#speed = value;
        },
      )}
      ${this.#choice(
        'gain',
        this.#gain,
        GAINS.map((gain) => [gain, `${gain} mm/mV`]),
        (value) => {
          this.#gain = value;
        },
      )}
      ${
        last > 0.5
          ? html`<label>${this.#t('position')}
              <input type="range" min="0" max=${last} step="1" .value=${String(this.#from)} @input=${(event: Event) =>
                this.#change(() => {
                  this.#from = Number((event.target as HTMLInputElement).value);
                  this.#caliper = undefined;
                })} />
              <span>${this.#t('sheet', { from: this.#from, seconds: SHEET_SECONDS })}</span></label>`
          : nothing
      }
      <span class="grow"></span>
      ${this.#caliper ? html`<button type="button" @click=${() => this.#change(() => (this.#caliper = undefined))}>${this.#t('clear')}</button>` : html`<span class="secondary">${this.#t('caliper')}</span>`}
      <button type="button" aria-pressed=${String(this.#fits)} @click=${() => this.#change(() => (this.#fits = !this.#fits))}>${this.#t(this.#fits ? 'actual' : 'fit')}</button>
      <button type="button" @click=${() => this.#print()}>${this.#t('print')}</button>
    </div>`;
  }

  #choice(
    key: TextKey,
    chosen: number,
    choices: readonly (readonly [value: number, label: string])[],
    choose: (value: number) => void,
  ): TemplateResult {
    return html`<label><span class="secondary">${this.#t(key)}</span>
      <select name=${key} @change=${(event: Event) =>
        this.#change(() => {
          this.#caliper = undefined;
          choose(Number((event.target as HTMLSelectElement).value));
        })}>
        ${choices.map(([value, label]) => html`<option value=${value} ?selected=${value === chosen}>${label}</option>`)}
      </select></label>`;
  }

  #facts(group: Group): TemplateResult {
    const said = statements(this.#instance.dataset);
    const fact = (name: string, value: string) => html`<span><span class="secondary">${name}</span> ${value}</span>`;
    return html`<div class="facts">
        ${this.#recording(group).map(([name, value]) => fact(name, value))}
      </div>
      ${
        said.length > 0 || this.#measured().length > 0
          ? html`<div class="facts" title=${this.#t('notReviewed')}>
              ${this.#measured().map(([name, value]) => fact(name, value))}
              ${said.length > 0 ? fact(this.#t('statements'), said.join(' · ')) : nothing}
            </div>`
          : nothing
      }`;
  }

  #recording(group: Group): (readonly [string, string])[] {
    const { dataset } = this.#instance;
    const when = /^(\d{4})(\d{2})(\d{2})(\d{2})?(\d{2})?/.exec(textAt(dataset, 'AcquisitionDateTime') ?? '');
    const device = [textAt(dataset, 'Manufacturer'), textAt(dataset, 'ManufacturerModelName')]
      .filter(Boolean)
      .join(' ');
    const filters = [...new Set(group.channels.map((channel) => channel.filters))].filter(Boolean).join('; ');
    const facts: [string, string][] = [];
    if (when)
      facts.push([this.#t('recorded'), `${when[1]}-${when[2]}-${when[3]} ${when[4] ?? '00'}:${when[5] ?? '00'}`]);
    facts.push([this.#t('sampling'), `${group.samplesPerSecond} Hz`]);
    if (filters) facts.push([this.#t('filters'), filters]);
    if (device) facts.push([this.#t('device'), device]);
    return facts;
  }

  #measured(): (readonly [string, string])[] {
    const { dataset } = this.#instance;
    const rate = rateFromRr(dataset);
    return [
      ...(rate === undefined ? [] : [[this.#t('rate'), `${rate} bpm`] as const]),
      ...measurements(dataset, this.#viewer.locale).map(({ name, value, unit }) => [name, `${value} ${unit}`] as const),
    ];
  }

  #paper(group: Group): TemplateResult {
    const seconds = Math.min(SHEET_SECONDS, group.seconds);
    const sheet = layOut(group, this.#layout, this.#from, seconds, this.#speed);
    const room = Math.max(200, this.#element.clientWidth - 24);
    const scale = this.#fits ? room / sheet.width : MM;
    const view = {
      group,
      sheet,
      speed: this.#speed,
      gain: this.#gain,
      caliper: this.#caliper,
      locale: this.#viewer.locale,
    };
    return html`<div class="scroll">
      <svg class="sheet" role="img" aria-label=${this.#t('title')} viewBox="0 0 ${sheet.width} ${sheet.height}"
        width=${sheet.width * scale} height=${sheet.height * scale} @pointerdown=${(event: PointerEvent) => this.#press(event, scale)}>
        ${drawSheet(view)}
      </svg>
    </div>`;
  }

  #press(event: PointerEvent, scale: number): void {
    if (event.button !== 0) return;
    const sheet = event.currentTarget as SVGSVGElement;
    const place = ({ clientX, clientY }: PointerEvent): [number, number] => {
      const box = sheet.getBoundingClientRect();
      return [(clientX - box.left) / scale, (clientY - box.top) / scale];
    };
    const [x0, y0] = place(event);
    const ended = new AbortController();
    sheet.setPointerCapture(event.pointerId);
    sheet.addEventListener(
      'pointermove',
      (moved) => {
        const [x1, y1] = place(moved);
        this.#change(() => (this.#caliper = { x0, y0, x1, y1 }));
      },
      { signal: ended.signal },
    );
    for (const type of ['pointerup', 'pointercancel'] as const)
      sheet.addEventListener(type, () => ended.abort(), { signal: ended.signal });
    this.#change(() => (this.#caliper = undefined));
  }

  #print(): void {
    const sheet = this.#root.querySelector('svg.sheet');
    const group = this.#groups[this.#group];
    if (!sheet || !group) return;
    const line = (facts: readonly (readonly [string, string])[]) =>
      facts.map(([name, value]) => `${name} ${value}`).join('   ');
    const said = statements(this.#instance.dataset).join(' · ');
    printSheet(sheet, [line(this.#recording(group)), line(this.#measured()), said].filter(Boolean), this.#t('title'));
    // For the node's audit log; other archives have no place for it.
    const body = { what: 'print', of: 'images', studyInstanceUids: [this.#instance.StudyInstanceUID] };
    const content = { type: 'application/json', body: new Blob([JSON.stringify(body)]) };
    this.#viewer.client?.request('/api/outputs', { content }, async () => undefined).catch(() => undefined);
  }
}
