import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { shared } from '../styles/shared.ts';
import { FilmlessElement } from './element.ts';
import { icon } from './icon.ts';
import { iconCritical, iconDone, iconInfo, iconOff, iconWaiting, iconWarning } from './icons.ts';

/** The four states of the visual language; `warning` is amber too, `off` is what is not in use. */
export type BadgeState = 'critical' | 'warning' | 'waiting' | 'done' | 'info' | 'off';

const ICONS: Record<BadgeState, string> = {
  critical: iconCritical,
  warning: iconWarning,
  waiting: iconWaiting,
  done: iconDone,
  info: iconInfo,
  off: iconOff,
};

/** A state as icon, colour and text: colour is never alone. */
@customElement('fl-state-badge')
export class StateBadge extends FilmlessElement {
  @property({ reflect: true }) state: BadgeState = 'info';
  @property() label = '';

  static override styles = [
    shared,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        font-size: inherit;
        white-space: nowrap;
        max-width: 100%;
        vertical-align: middle;
        line-height: 20px;
      }
      span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      :host([state='critical']) {
        color: var(--filmless-state-critical);
      }
      :host([state='warning']),
      :host([state='waiting']) {
        color: var(--filmless-state-waiting);
      }
      :host([state='done']) {
        color: var(--filmless-state-done);
      }
      :host([state='info']) {
        color: var(--filmless-state-information);
      }
      :host([state='off']) {
        color: var(--filmless-text-secondary);
      }
    `,
  ];

  override render() {
    return html`${icon(ICONS[this.state], 16)}<span>${this.label}</span>`;
  }
}
