import '@vaadin/progress-bar';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Job, JobState } from '../../api/jobs.ts';
import { cancelJob, listJobs, retryJob } from '../../api/jobs.ts';
import { confirmAction } from '../../components/confirm.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { codeText } from '../../components/error-text.ts';
import { icon } from '../../components/icon.ts';
import { iconRefresh, iconX } from '../../components/icons.ts';
import type { BadgeState } from '../../components/state-badge.ts';
import '../../components/state-badge.ts';
import { formatInstant } from '../../format/dates.ts';
import { formatCount } from '../../format/figures.ts';
import { t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { panelStyles, SystemPanel } from './panel.ts';

const BADGES: Record<JobState, BadgeState> = {
  waiting: 'waiting',
  running: 'info',
  done: 'done',
  failed: 'critical',
  cancelled: 'off',
};

/** Work in the background, with progress. */
@customElement('fl-system-jobs')
export class SystemJobs extends SystemPanel<Job[]> {
  protected override everyMs = 2000;

  static override styles = [
    ...panelStyles,
    css`
      .progress {
        display: flex;
        align-items: center;
        gap: 8px;
        height: 22px;
      }
      vaadin-progress-bar {
        margin: 0;
        flex: 1;
        min-width: 40px;
      }
    `,
  ];

  readonly #columns: DataColumn<Job>[] = [
    {
      key: 'title',
      header: () => t.jobs.title,
      width: 240,
      grow: true,
      fixed: true,
      render: (job) =>
        html`<span title=${`${job.title} (${job.kind})`}><b>${job.title}</b> <span class="secondary">${job.kind}</span></span>`,
    },
    { key: 'state', header: () => t.jobs.state, width: 190, fixed: true, render: (job) => this.#state(job) },
    { key: 'progress', header: () => t.jobs.progress, width: 200, render: (job) => this.#progress(job) },
    { key: 'by', header: () => t.jobs.by, width: 100, render: (job) => job.createdBy },
    { key: 'created', header: () => t.jobs.created, width: 134, render: (job) => formatInstant(job.createdAt) },
    { key: 'finished', header: () => t.jobs.finished, width: 134, render: (job) => formatInstant(job.finishedAt) },
    { key: 'actions', header: () => t.common.actions, width: 90, fixed: true, render: (job) => this.#actions(job) },
  ];

  protected override fetch(signal: AbortSignal): Promise<Job[]> {
    return listJobs(signal);
  }

  #state(job: Job) {
    const title = job.error ? codeText(job.error.code, job.error.detail) : undefined;
    const attempts = job.attempts > 1 && job.state !== 'done' ? t.jobs.attempts(job.attempts, job.maxAttempts) : '';
    return html`<fl-state-badge .state=${BADGES[job.state]} .label=${t.common.joined([t.jobs[job.state], attempts])} title=${title ? `${title.title} ${title.forIt}` : ''}></fl-state-badge>`;
  }

  #progress(job: Job) {
    if (job.total <= 0)
      return job.state === 'running'
        ? html`<div class="progress"><vaadin-progress-bar indeterminate aria-label=${job.title}></vaadin-progress-bar></div>`
        : nothing;
    return html`<div class="progress">
      <vaadin-progress-bar aria-label=${job.title} .value=${Math.min(1, job.done / job.total)}></vaadin-progress-bar><span>${formatCount(job.done)} / ${formatCount(job.total)}</span>
    </div>`;
  }

  #actions(job: Job): unknown {
    if (!session.can('job.manage')) return nothing;
    if (job.state === 'waiting' || job.state === 'running') {
      return html`<div class="cell-actions"><button class="icon-button" title=${t.jobs.cancel} aria-label=${t.jobs.cancel} @click=${() => void this.#cancel(job)}>${icon(iconX, 16)}</button></div>`;
    }
    if (job.state === 'failed' || job.state === 'cancelled') {
      return html`<div class="cell-actions"><button class="icon-button" title=${t.jobs.retry} aria-label=${t.jobs.retry} @click=${() => void this.act(() => retryJob(job.id), t.jobs.waiting)}>${icon(iconRefresh, 16)}</button></div>`;
    }
    return nothing;
  }

  async #cancel(job: Job): Promise<void> {
    if (
      await confirmAction({
        title: t.jobs.cancelTitle,
        text: t.jobs.cancelText,
        action: t.jobs.cancel,
        destructive: true,
      })
    )
      await this.act(() => cancelJob(job.id), t.jobs.cancelled);
  }

  protected override content(jobs: Job[]) {
    if (jobs.length === 0)
      return html`<section class="panel"><fl-empty-state .heading=${t.jobs.emptyTitle} .text=${t.jobs.emptyText}></fl-empty-state></section>`;
    return html`<p class="intro">${t.jobs.intro}</p>
      <section class="panel">
        <fl-data-grid .columns=${this.#columns} .items=${jobs} layoutKey="jobs" itemIdPath="id" .label=${t.system.tabs.jobs} .allRowsVisible=${jobs.length <= 200}></fl-data-grid>
      </section>`;
  }
}
