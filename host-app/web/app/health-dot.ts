import { css, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { getHealth, isReady } from '../api/node.ts';
import { FilmlessElement } from '../components/element.ts';
import { icon } from '../components/icon.ts';
import { iconCritical, iconDone, iconWaiting, iconWarning } from '../components/icons.ts';
import { t } from '../i18n/index.ts';
import { session } from '../state/session.ts';
import { shared } from '../styles/shared.ts';

type NodeState = 'ok' | 'warning' | 'failed' | 'not-ready' | 'unreachable';

const EVERY_MS = 30_000;
const AFTER_FAILURE_MS = 5000;

/** How the node is, looked at every half minute; more often while it does not answer. */
@customElement('fl-health-dot')
export class HealthDot extends FilmlessElement {
  @state() private node: NodeState | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | undefined;

  static override styles = [
    shared,
    css`
      a,
      span.mark {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        height: 32px;
        min-width: 32px;
        justify-content: center;
        padding: 0 6px;
        border-radius: var(--filmless-radius);
        font-size: var(--filmless-font-size-table);
        white-space: nowrap;
      }
      .ok {
        color: var(--filmless-state-done);
      }
      .warning,
      .not-ready {
        color: var(--filmless-state-waiting);
      }
      .failed,
      .unreachable {
        color: var(--filmless-state-critical);
      }
      a:hover {
        background: var(--filmless-surface-2);
        text-decoration: none;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  async #look(): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      this.node = session.can('system.read') ? (await getHealth(signal)).state : await this.#readiness(signal);
    } catch {
      if (signal.aborted) return;
      this.node = await this.#readiness(signal);
    }
    if (signal.aborted) return;
    this.#timer = setTimeout(
      () => void this.#look(),
      this.node === 'unreachable' || this.node === 'not-ready' ? AFTER_FAILURE_MS : EVERY_MS,
    );
  }

  async #readiness(signal: AbortSignal): Promise<NodeState> {
    const ready = await isReady(signal).catch(() => 'unreachable' as const);
    return ready === 'ready' ? 'ok' : ready;
  }

  override render() {
    if (!this.node) return html`<span class="mark" role="status"></span>`;
    const looks: Record<NodeState, [string, string]> = {
      ok: [iconDone, t.shell.nodeOk],
      warning: [iconWarning, t.shell.nodeWarning],
      failed: [iconCritical, t.shell.nodeFailed],
      'not-ready': [iconWaiting, t.shell.nodeNotReady],
      unreachable: [iconCritical, t.shell.nodeUnreachable],
    };
    const [source, text] = looks[this.node];
    const loud = this.node === 'unreachable' || this.node === 'not-ready';
    const mark = html`${icon(source, 18)}<span class=${loud ? '' : 'visually-hidden'}>${text}</span>`;
    return session.can('system.read') && !loud
      ? html`<a class=${this.node} href="/system" data-route title=${text}>${mark}</a>`
      : html`<span class="mark ${this.node}" role="status" title=${text}>${mark}</span>`;
  }
}
