import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { QuarantineEntry } from '../../api/storage.ts';
import { deleteQuarantine, listQuarantine, quarantineContentUrl, retryQuarantine } from '../../api/storage.ts';
import { confirmAction } from '../../components/confirm.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { codeText } from '../../components/error-text.ts';
import { icon } from '../../components/icon.ts';
import { iconDelete, iconDownload, iconRefresh } from '../../components/icons.ts';
import { formatInstant } from '../../format/dates.ts';
import { formatBytes } from '../../format/figures.ts';
import { t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { panelStyles, SystemPanel } from './panel.ts';

/** Files that could not be read, with their reason. */
@customElement('fl-system-quarantine')
export class SystemQuarantine extends SystemPanel<QuarantineEntry[]> {
  static override styles = panelStyles;

  readonly #columns: DataColumn<QuarantineEntry>[] = [
    {
      key: 'received',
      header: () => t.quarantine.received,
      width: 134,
      fixed: true,
      render: (entry) => formatInstant(entry.receivedAt),
    },
    {
      key: 'reason',
      header: () => t.quarantine.reason,
      width: 300,
      grow: true,
      fixed: true,
      render: (entry) =>
        html`<span title=${`${codeText(entry.code).remedy} ${entry.code}: ${entry.reason}`}><b>${codeText(entry.code).title}</b> <span class="secondary">${entry.code === 'NOT_DICOM' ? '' : t.common.detail(entry.reason)}</span></span>`,
    },
    {
      key: 'source',
      header: () => t.quarantine.source,
      width: 170,
      render: (entry) =>
        html`<span title=${entry.source}>${t.common.joined([t.quarantine.via[entry.via] ?? entry.via, entry.source])}</span>`,
    },
    {
      key: 'file',
      header: () => t.quarantine.file,
      width: 180,
      render: (entry) => html`<span title=${entry.fileName}>${entry.fileName}</span>`,
    },
    {
      key: 'size',
      header: () => t.quarantine.size,
      width: 90,
      align: 'end',
      render: (entry) => formatBytes(entry.sizeBytes),
    },
    {
      key: 'actions',
      header: () => t.common.actions,
      width: 116,
      fixed: true,
      render: (entry) => this.#actions(entry),
    },
  ];

  protected override fetch(signal: AbortSignal): Promise<QuarantineEntry[]> {
    return listQuarantine(signal);
  }

  #actions(entry: QuarantineEntry): unknown {
    if (!session.can('study.decide')) return nothing;
    return html`<div class="cell-actions">
      <button class="icon-button" title=${t.quarantine.retry} aria-label=${t.quarantine.retry} @click=${() => void this.act(() => retryQuarantine(entry.id), t.quarantine.retried)}>${icon(iconRefresh, 16)}</button>
      <a class="icon-button" title=${t.common.download} aria-label=${t.common.download} href=${quarantineContentUrl(entry.id)} download>${icon(iconDownload, 16)}</a>
      <button class="icon-button" title=${t.common.delete} aria-label=${t.common.delete} @click=${() => void this.#delete(entry)}>${icon(iconDelete, 16)}</button>
    </div>`;
  }

  async #delete(entry: QuarantineEntry): Promise<void> {
    if (
      await confirmAction({
        title: t.quarantine.deleteTitle,
        text: t.quarantine.deleteText,
        action: t.common.delete,
        destructive: true,
      })
    ) {
      await this.act(() => deleteQuarantine(entry.id), t.quarantine.deleted);
    }
  }

  protected override content(entries: QuarantineEntry[]) {
    if (entries.length === 0)
      return html`<section class="panel"><fl-empty-state .heading=${t.quarantine.emptyTitle} .text=${t.quarantine.emptyText}></fl-empty-state></section>`;
    return html`<p class="intro">${t.quarantine.intro}</p>
      <section class="panel">
        <fl-data-grid .columns=${this.#columns} .items=${entries} layoutKey="quarantine" itemIdPath="id" .label=${t.system.tabs.quarantine} .allRowsVisible=${entries.length <= 200}></fl-data-grid>
      </section>`;
  }
}
