import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import {
  actOnDisk,
  adoptDisk,
  type Candidate,
  type Disk,
  getOverview,
  getSafety,
  type Overview,
  type Safety,
} from './api.ts';
import { BackupPart } from './part.ts';
import './prepare-dialog.ts';
import { stateMark } from './state-mark.ts';
import { bytesText, durationText, timeText } from './texts.ts';

const LOOK_EVERY_MS = 3_000;
/** A forecast beyond says nothing. */
const FAR_OFF_DAYS = 3650;

/** How copies stand, the disks and what may be done with each, the sets, and folders that could become disks. */
@customElement('filmless-backup-disks')
export class BackupDisks extends BackupPart<Overview & { safety: Safety }> {
  @state() private preparing: string | undefined;
  @state() private retiring: Disk | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => void this.load(), LOOK_EVERY_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override async fetch(): Promise<Overview & { safety: Safety }> {
    const [overview, safety] = await Promise.all([getOverview(), getSafety()]);
    return { ...overview, safety };
  }

  protected override content(data: Overview & { safety: Safety }): TemplateResult {
    if (data.settings.mounts.length === 0) return html`<p class="note warning">${this.t('notSetUp')}</p>`;
    return html`${this.#glance(data)} ${this.#disks(data)} ${data.sets.length > 0 ? this.#sets(data) : nothing}
      ${this.#folders(data)} ${this.#dialogs(data)}`;
  }

  #glance({ lastCopyAt, lagSeconds, next, disks, settings, safety }: Overview & { safety: Safety }): TemplateResult {
    const inUse = disks.filter(({ state }) => state !== 'retired');
    const { drill, snapshots } = safety;
    const snapshotAt =
      snapshots
        .map(({ at }) => at)
        .sort()
        .at(-1) ?? '';
    const isDamaged = (drill?.damaged.length ?? 0) > 0;
    const isLate = (lagSeconds ?? 0) > settings.lagMinutes * 60;
    const lag =
      lagSeconds === undefined ? '—' : lagSeconds < 60 ? this.t('upToDate') : durationText(this.locale, lagSeconds);
    return html`<section class="panel"><dl class="figures">
      <div><dt>${this.t('lastCopy')}</dt><dd>${lastCopyAt ? timeText(lastCopyAt) : this.t('never')}</dd></div>
      <div><dt>${this.t('lag')}</dt><dd class=${isLate ? 'critical-text' : ''}>${lag}</dd></div>
      <div><dt>${this.t('attachedDisks')}</dt><dd>${this.t('ofDisks', { n: inUse.filter((each) => each.state === 'attached').length, total: inUse.length })}</dd></div>
      <div><dt>${this.t('nextDisk')}</dt><dd>${
        next
          ? html`${next.label ?? this.t('newDiskOf', { set: next.set })}
              <span class=${next.why === 'rotate' ? 'secondary' : 'warn'} style="font-size:13px;font-weight:400">${this.t(`why.${next.why}`)}</span>`
          : this.t('noneNeeded')
      }</dd></div>
      <div><dt>${this.t('lastSnapshot')}</dt><dd>${timeText(snapshotAt) || this.t('noSnapshot')}</dd></div>
      <div><dt>${this.t('lastDrill')}</dt><dd class=${isDamaged ? 'critical-text' : ''}>${drill ? timeText(drill.at) : '—'}
        ${isDamaged ? html`<span style="font-size:13px">${this.t('damagedText', { n: drill?.damaged.length ?? 0 })}</span>` : nothing}</dd></div>
    </dl></section>`;
  }

  #disks({ disks, jobs }: Overview): TemplateResult {
    return html`<section class="panel">
      <div class="head"><h2>${this.t('disks')}</h2></div>
      ${
        disks.length === 0
          ? html`<p class="empty">${this.t('noDisks')}</p>`
          : html`<div class="scroll"><table>
              <thead><tr>
                <th>${this.t('label')}</th><th>${this.t('set')}</th><th>${this.t('state')}</th><th style="min-width:170px">${this.t('room')}</th>
                <th>${this.t('holds')}</th><th>${this.t('lastSeen')}</th><th></th>
              </tr></thead>
              <tbody>${disks.map((disk) =>
                this.#disk(
                  disk,
                  jobs.find((job) => job.disk === disk.id),
                ),
              )}</tbody>
            </table></div>`
      }
    </section>`;
  }

  #disk(disk: Disk, job: Overview['jobs'][number] | undefined): TemplateResult {
    const used = disk.totalBytes > 0 ? (1 - disk.freeBytes / disk.totalBytes) * 100 : 0;
    const size = this.t('freeOf', { free: bytesText(disk.freeBytes), total: bytesText(disk.totalBytes) });
    return html`<tr>
      <td><b>${disk.label}</b> ${disk.isEncrypted ? html`<span class="secondary">${this.t('encrypted')}</span>` : nothing}</td>
      <td>${disk.set}</td>
      <td title=${disk.root ?? ''}>${stateMark(disk.state, this.t(`state.${disk.state}`))}</td>
      <td>
        <div class="bar ${disk.isFull ? 'full' : ''}"><i style=${`width:${used}%`}></i></div>
        <span class="num secondary">${size}</span> ${disk.isFull ? html`<b class="critical-text">${this.t('full')}</b>` : nothing}
      </td>
      <td class="num">${this.t('holdsText', { studies: disk.studies, objects: disk.objects })}
        ${disk.damaged > 0 ? html`<b class="critical-text">${this.t('damagedText', { n: disk.damaged })}</b>` : nothing}</td>
      <td class="num">${timeText(disk.seenAt)}</td>
      <td><div class="row">${
        job
          ? html`<span class="num" role="status">${this.t(job.kind === 'backup.check' ? 'checking' : 'closing')} ${job.progress.done} / ${job.progress.total}</span>`
          : this.#actions(disk)
      }</div></td>
    </tr>`;
  }

  #actions(disk: Disk): TemplateResult | typeof nothing {
    const button = (label: string, run: () => void) =>
      html`<button ?disabled=${this.busy} aria-label=${`${label} ${disk.label}`} @click=${run}>${label}</button>`;
    const retire = button(this.t('retire'), () => {
      this.retiring = disk;
    });
    switch (disk.state) {
      case 'attached':
        return html`${button(this.t('release'), () => void this.act(() => actOnDisk(disk.id, 'release'), 'released'))}
          ${button(this.t('check'), () => void this.act(() => actOnDisk(disk.id, 'check'), 'checkStarted'))} ${retire}`;
      case 'safe':
        return html`${button(this.t('takeBack'), () => void this.act(() => actOnDisk(disk.id, 'take-back'), 'tookBack'))} ${retire}`;
      case 'away':
        return retire;
      default:
        return nothing;
    }
  }

  #sets({ sets, settings }: Overview): TemplateResult {
    const forecast = ({ daysUntilFull, bytesPerDay }: Overview['sets'][number]) => {
      if (daysUntilFull === undefined) return bytesPerDay === undefined ? this.t('notYetKnown') : '';
      if (daysUntilFull > FAR_OFF_DAYS) return this.t('farOff');
      return html`<b class=${daysUntilFull <= settings.warnDaysBeforeFull ? 'warn' : ''}>${this.t('fullIn', { n: daysUntilFull })}</b>`;
    };
    return html`<section class="panel">
      <div class="head"><h2>${this.t('sets')}</h2><span class="secondary">${this.t('setsHelp')}</span></div>
      <div class="scroll"><table>
        <thead><tr><th>${this.t('set')}</th><th>${this.t('owed')}</th><th>${this.t('lag')}</th><th>${this.t('perDay')}</th><th>${this.t('forecast')}</th></tr></thead>
        <tbody>${sets.map(
          (each) => html`<tr>
            <td><b>${each.set}</b></td>
            <td class="num">${each.owed.objects === 0 ? this.t('nothing') : this.t('owedText', { n: each.owed.objects, size: bytesText(each.owed.bytes) })}
              ${each.owed.waiting > 0 ? html`<span class="secondary">${this.t('waitingText', { n: each.owed.waiting })}</span>` : nothing}</td>
            <td class="num">${each.lagSeconds === 0 ? this.t('upToDate') : durationText(this.locale, each.lagSeconds)}</td>
            <td class="num">${each.bytesPerDay === undefined ? '' : bytesText(each.bytesPerDay)}</td>
            <td>${forecast(each)}</td>
          </tr>`,
        )}</tbody>
      </table></div>
    </section>`;
  }

  #folders({ candidates, settings }: Overview): TemplateResult {
    return html`<section class="panel">
      <div class="head"><h2>${this.t('folders')}</h2><span class="secondary">${this.t('foldersHelp', { mounts: settings.mounts.join(', ') })}</span></div>
      ${
        candidates.length === 0
          ? html`<p class="empty">${this.t('noFolders')}</p>`
          : html`<div class="scroll"><table>
              <thead><tr><th>${this.t('folder')}</th><th>${this.t('what')}</th><th>${this.t('room')}</th><th></th></tr></thead>
              <tbody>${candidates.map((each) => this.#candidate(each))}</tbody>
            </table></div>`
      }
    </section>`;
  }

  #candidate({ root, state, marker, freeBytes, totalBytes }: Candidate): TemplateResult {
    const what = this.t(`candidate.${state}`, { label: marker?.label ?? '', node: marker?.node.name ?? '' });
    const isFault = state === 'damaged' || state === 'failed';
    return html`<tr>
      <td><code>${root}</code></td>
      <td class=${isFault ? 'critical-text' : ''}>${what}</td>
      <td class="num secondary">${totalBytes === undefined ? '' : this.t('freeOf', { free: bytesText(freeBytes ?? 0), total: bytesText(totalBytes) })}</td>
      <td><div class="row">
        ${
          state === 'empty'
            ? html`<button aria-label=${`${this.t('prepare')} ${root}`} @click=${() => {
                this.preparing = root;
              }}>${this.t('prepare')}</button>`
            : nothing
        }
        ${state === 'foreign' ? html`<button ?disabled=${this.busy} @click=${() => void this.act(() => adoptDisk(root), 'adopted')}>${this.t('adopt')}</button>` : nothing}
      </div></td>
    </tr>`;
  }

  #dialogs({ settings, sets }: Overview): TemplateResult {
    return html`${
      this.preparing === undefined
        ? nothing
        : html`<filmless-backup-prepare
            locale=${this.locale} root=${this.preparing} recipient=${settings.recipient ?? ''} .sets=${sets.map(({ set }) => set)}
            @close=${() => {
              this.preparing = undefined;
            }}
            @prepared=${() => {
              this.preparing = undefined;
              this.done = this.t('prepared');
              void this.load();
            }}
          ></filmless-backup-prepare>`
    }${this.retiring === undefined ? nothing : this.#retire(this.retiring)}`;
  }

  #retire(disk: Disk): TemplateResult {
    const close = () => {
      this.retiring = undefined;
    };
    return html`<dialog aria-labelledby="retire" @close=${close}>
      <div class="stack">
        <h2 id="retire">${this.t('retireTitle', { label: disk.label })}</h2>
        <p>${this.t('retireText', { studies: disk.studies, objects: disk.objects, set: disk.set })}</p>
        <div class="row"><span class="spacer"></span>
          <button @click=${close}>${this.t('cancel')}</button>
          <button class="critical" @click=${() => {
            close();
            void this.act(() => actOnDisk(disk.id, 'retire'), 'retired');
          }}>${this.t('retire')}</button>
        </div>
      </div>
    </dialog>`;
  }

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector<HTMLDialogElement>('dialog:not([open])');
    dialog?.showModal();
  }
}
