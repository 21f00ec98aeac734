import { css } from 'lit';

export const thumbnailsStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    inline-size: 196px;
    background: var(--filmless-surface-1);
    border-inline-end: 1px solid var(--filmless-line);
    overflow: hidden;
  }
  .studies {
    padding: 6px;
    border-block-end: 1px solid var(--filmless-line);
  }
  select {
    inline-size: 100%;
    block-size: 28px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    color: inherit;
    font: inherit;
  }
  ul {
    flex: 1;
    margin: 0;
    padding: 4px;
    list-style: none;
    overflow-y: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--filmless-surface-3) transparent;
  }
  li {
    position: relative;
  }
  .series {
    display: grid;
    grid-template-columns: 64px 1fr;
    gap: 8px;
    align-items: center;
    justify-content: stretch;
    inline-size: 100%;
    block-size: auto;
    min-block-size: 72px;
    padding: 4px;
    text-align: start;
    font-size: var(--filmless-font-size-small);
  }
  .series.active {
    background: var(--filmless-accent-surface);
    border-color: var(--filmless-accent);
  }
  .picture {
    position: relative;
    display: grid;
    place-items: center;
    inline-size: 64px;
    block-size: 64px;
    background: var(--filmless-image-background);
    color: var(--filmless-overlay-secondary);
    border-radius: 2px;
    overflow: hidden;
  }
  img {
    inline-size: 100%;
    block-size: 100%;
    object-fit: contain;
  }
  .ring {
    position: absolute;
    inset-block-end: 2px;
    inset-inline-end: 2px;
    inline-size: 18px;
    block-size: 18px;
    rotate: -90deg;
    filter: drop-shadow(0 0 1px var(--filmless-image-background));
  }
  .keys {
    position: absolute;
    inset-block-start: 2px;
    inset-inline-end: 2px;
    display: flex;
    align-items: center;
    gap: 1px;
    padding-inline: 2px 4px;
    border-radius: 2px;
    background: var(--filmless-image-background);
    color: var(--filmless-overlay-accent);
    font-size: 11px;
    font-weight: 600;
    line-height: 16px;
  }
  .keys .icon svg {
    inline-size: 12px;
    block-size: 12px;
    fill: currentColor;
  }
  .ring circle {
    fill: none;
    stroke-width: 2.5;
  }
  .ring .rest {
    stroke: var(--filmless-overlay-line);
  }
  .ring .done {
    stroke: var(--filmless-overlay-progress);
  }
  .text {
    min-inline-size: 0;
    line-height: 1.35;
  }
  .text > div {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .text .description {
    display: -webkit-box;
    white-space: normal;
    overflow-wrap: anywhere;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    line-clamp: 2;
  }
  .kind {
    font-weight: 600;
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .series.active .secondary {
    color: var(--filmless-text);
  }
  .download {
    position: absolute;
    inset-block-end: 4px;
    inset-inline-end: 4px;
    inline-size: 28px;
    block-size: 28px;
    padding: 0;
  }
  .download .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .skeleton {
    block-size: 64px;
    margin: 4px;
    border-radius: 2px;
    background: var(--filmless-surface-2);
  }
  .series.shown .picture {
    outline: 1px solid var(--filmless-accent);
  }
  .open-menu {
    position: absolute;
    inset-block-start: 4px;
    inset-inline-end: 4px;
    inline-size: 28px;
    block-size: 28px;
    padding: 0;
    opacity: 0;
  }
  li:hover .open-menu,
  li:focus-within .open-menu,
  .open-menu[aria-expanded='true'] {
    opacity: 1;
  }
  .open-menu .icon svg {
    inline-size: 16px;
    block-size: 16px;
  }
  .menu {
    position: fixed;
    z-index: 6;
    display: grid;
    min-inline-size: 150px;
    max-block-size: 320px;
    padding: 4px;
    border: 1px solid var(--filmless-line);
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-2);
    box-shadow: var(--filmless-shadow);
    overflow-y: auto;
  }
  .menu button {
    justify-content: flex-start;
    inline-size: 100%;
    block-size: 28px;
    white-space: nowrap;
  }
`;
