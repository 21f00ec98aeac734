import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { beginDrill, getSafety, restore, type Safety, takeSnapshot } from './api.ts';
import { BackupPart } from './part.ts';
import { bytesText, timeText } from './texts.ts';

const LOOK_EVERY_MS = 5_000;
/** Named here; the command line names all. */
const SHOWN = 20;

/** Snapshots of the node on the disks, the restore drill, and restoring a day; a study is restored where it is found. */
@customElement('filmless-backup-safety')
export class BackupSafety extends BackupPart<Safety> {
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => void this.load(), LOOK_EVERY_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override fetch(): Promise<Safety> {
    return getSafety();
  }

  protected override content(data: Safety): TemplateResult {
    return html`${this.#drill(data)} ${this.#snapshots(data)} ${this.#restore(data)}`;
  }

  #drill({ drill, snapshots }: Safety): TemplateResult {
    const figure = (label: string, value: string | number) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
    return html`<section class="panel">
      <div class="head"><h2>${this.t('drill')}</h2><span class="secondary">${this.t('drillHelp')}</span><span class="spacer"></span>
        <button ?disabled=${this.busy || snapshots.length === 0} @click=${() => void this.act(beginDrill, 'drillBegun')}>${this.t('drillNow')}</button></div>
      ${
        drill === null
          ? html`<p class="empty">${this.t('noDrill')}</p>`
          : html`<dl class="figures">
              ${figure(this.t('lastDrill'), timeText(drill.at))} ${figure(this.t('triedDisks'), drill.disks.join(', ') || '—')}
              ${figure(this.t('triedStudies'), drill.studies)} ${figure(this.t('triedFiles'), `${drill.instances} (${bytesText(drill.bytes)})`)}
              <div><dt>${this.t('damaged')}</dt><dd class=${drill.damaged.length > 0 ? 'critical-text' : 'done'}>${drill.damaged.length}</dd></div>
            </dl>
            ${this.#files(drill.damaged)}`
      }
    </section>`;
  }

  #files(files: readonly { disk: string; file: string }[]): TemplateResult | typeof nothing {
    if (files.length === 0) return nothing;
    return html`<div class="body stack" style="gap:4px">
      ${files.slice(0, SHOWN).map(({ disk, file }) => html`<p class="critical-text"><b>${disk}</b> <code>${file}</code></p>`)}
      ${files.length > SHOWN ? html`<p class="secondary">${this.t('andMore', { n: files.length - SHOWN })}</p>` : nothing}
    </div>`;
  }

  #snapshots({ snapshots }: Safety): TemplateResult {
    return html`<section class="panel">
      <div class="head"><h2>${this.t('snapshots')}</h2><span class="secondary">${this.t('snapshotsHelp')}</span><span class="spacer"></span>
        <button ?disabled=${this.busy || snapshots.length === 0} @click=${() => void this.act(takeSnapshot, 'snapshotTaken')}>${this.t('snapshotNow')}</button></div>
      ${
        snapshots.length === 0
          ? html`<p class="empty">${this.t('noAttached')}</p>`
          : html`<div class="scroll"><table>
              <thead><tr><th>${this.t('label')}</th><th>${this.t('lastSnapshot')}</th><th></th></tr></thead>
              <tbody>${snapshots.map(
                ({ label, at, hasSecrets }) => html`<tr>
                  <td><b>${label}</b></td>
                  <td class="num">${at ? timeText(at) : html`<span class="warn">${this.t('noSnapshot')}</span>`}</td>
                  <td class="secondary">${at === '' ? '' : this.t(hasSecrets ? 'withSecrets' : 'withoutSecrets')}</td>
                </tr>`,
              )}</tbody>
            </table></div>`
      }
    </section>`;
  }

  #restore({ restore: last }: Safety): TemplateResult {
    return html`<section class="panel">
      <div class="head"><h2>${this.t('restoreTitle')}</h2><span class="secondary">${this.t('restoreHelp')}</span></div>
      <div class="body stack">
        <form class="row" @submit=${this.#submit}>
          <label class="row" style="gap:6px">${this.t('restoreDay')} <input type="date" name="day" required /></label>
          <button ?disabled=${this.busy}>${this.t('restoreNow')}</button>
        </form>
        ${
          last === null
            ? nothing
            : html`<p>${this.t('lastRestore', { time: timeText(last.finishedAt), restored: last.summary.restored, present: last.summary.present })}
                <b class=${last.summary.missing > 0 ? 'critical-text' : 'done'}>${this.t('missingCount', { n: last.summary.missing })}</b></p>
              ${last.missing
                .slice(0, SHOWN)
                .map(
                  ({ SOPInstanceUID, disks }) =>
                    html`<p><code>${SOPInstanceUID}</code> ${disks.length > 0 ? this.t('missingOn', { disks: disks.join(', ') }) : this.t('missingNowhere')}</p>`,
                )}
              ${last.locked.map((disk) => html`<p class="critical-text">${this.t('lockedDisk', { disk })}</p>`)}
              ${this.#files(last.damaged)}`
        }
      </div>
    </section>`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const day = String(new FormData(event.target as HTMLFormElement).get('day') ?? '').replaceAll('-', '');
    void this.act(() => restore({ kind: 'day', day }), 'restoreBegun');
  }
}
