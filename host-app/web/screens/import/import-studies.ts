import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { StudyRow } from '../../api/studies.ts';
import { getStudy } from '../../api/studies.ts';
import { FilmlessElement } from '../../components/element.ts';
import { modalityBadges, modalityStyles } from '../../components/modality-badges.ts';
import { formatDaTm } from '../../format/dates.ts';
import { patientName, sexAge } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';
import { rememberStudy } from '../../state/study-memory.ts';
import { page, shared } from '../../styles/shared.ts';
import type { StudyTally } from './import-queue.ts';

const MOST = 50;

/** Which studies an import brought, each with a way to its images. */
@customElement('fl-import-studies')
export class ImportStudies extends FilmlessElement {
  @property({ attribute: false }) tallies: readonly StudyTally[] = [];
  /** Nothing is under way: what is shown of the studies is final. */
  @property({ type: Boolean }) settled = false;
  @state() private rows = new Map<string, StudyRow>();
  #asked = new Set<string>();

  static override styles = [
    shared,
    page,
    modalityStyles,
    css`
      :host {
        height: auto;
        background: none;
        overflow: visible;
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 4px 0;
        max-height: 200px;
      }
      a {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 32px;
        padding: 0 var(--filmless-space-4);
        color: var(--filmless-text);
        font-size: var(--filmless-font-size-table);
      }
      a:hover {
        background: var(--filmless-surface-hover);
        text-decoration: none;
      }
      b {
        font-weight: 600;
      }
    `,
  ];

  override updated(): void {
    for (const { StudyInstanceUID } of this.tallies.slice(0, MOST)) {
      if (this.#asked.has(StudyInstanceUID)) continue;
      this.#asked.add(StudyInstanceUID);
      void this.#load(StudyInstanceUID);
    }
  }

  async #load(uid: string): Promise<void> {
    try {
      const { study } = await getStudy(uid);
      rememberStudy(study);
      this.rows = new Map(this.rows).set(uid, study);
    } catch (error) {
      // The row stays without a name; its link leads to the study all the same.
      console.warn('An imported study could not be looked up', error instanceof Error ? error.message : '');
    }
  }

  override render() {
    return html`<section class="panel">
      <div class="panel-head"><h2>${t.imports.studies}</h2><span class="secondary num">${this.tallies.length}</span></div>
      <ul class="scroll">
        ${this.tallies.slice(0, MOST).map((tally) => {
          const row = this.rows.get(tally.StudyInstanceUID);
          return html`<li>
            <a href=${`/studies/${encodeURIComponent(tally.StudyInstanceUID)}`} data-route>
              ${row ? html`<b>${patientName(row).main || t.common.unnamedPatient}</b><span>${sexAge(row)}</span><span class="num">${row.PatientID}</span><span class="num">${formatDaTm(row.StudyDate, row.StudyTime)}</span><span>${modalityBadges(row.modalities)}</span><span class="ellipsis">${row.StudyDescription}</span>` : html`<span class="mono ellipsis">${tally.StudyInstanceUID}</span>`}
              <span class="spacer"></span><span class="secondary num">${t.imports.studyImages(tally.stored, tally.duplicate)}</span>
            </a>
          </li>`;
        })}
      </ul>
      ${this.tallies.length > MOST ? html`<p class="panel-body secondary"><a href="/studies?order=-receivedAt" data-route>${t.list.total(this.tallies.length)}</a></p>` : nothing}
    </section>`;
  }
}
