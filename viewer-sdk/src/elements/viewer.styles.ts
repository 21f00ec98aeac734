import { css } from 'lit';

/** The viewer's frame; its parts bring their own when they come. */
export const viewerStyles = css`
  /* What a page sets on the element beats this: the layout stands on the frame inside. */
  :host {
    position: relative;
    display: block;
    inline-size: 100%;
    block-size: 100%;
    min-block-size: 320px;
    contain: strict;
    /* Menus are as high as the viewer has room. */
    container-type: size;
    background: var(--filmless-surface-0);
  }
  :host([hidden]) {
    display: none !important;
  }
  .frame {
    position: absolute;
    inset: 0;
    display: grid;
    grid-template-rows: auto auto minmax(0, 1fr);
  }
  .banner {
    display: flex;
    align-items: center;
    gap: 14px;
    min-block-size: var(--filmless-row-height);
    padding: 0 12px;
    background: var(--filmless-surface-2);
    border-block-end: 1px solid var(--filmless-line);
    white-space: nowrap;
    overflow: hidden;
  }
  .banner > span:empty {
    display: none;
  }
  .banner > .divider:empty {
    display: block;
    inline-size: 1px;
    block-size: 16px;
    background: var(--filmless-line);
  }
  .patient-name {
    font-size: 15px;
    font-weight: 600;
  }
  .exam {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .secondary {
    color: var(--filmless-text-secondary);
  }
  .tools {
    min-block-size: 39px;
    background: var(--filmless-surface-1);
  }
  .no-tools {
    padding: 10px 12px;
  }
  .body {
    display: flex;
    min-block-size: 0;
    min-inline-size: 0;
  }
  .side {
    display: flex;
    flex: none;
    inline-size: 196px;
    background: var(--filmless-surface-1);
  }
  .cells {
    position: relative;
    flex: 1;
    display: grid;
    gap: 1px;
    min-inline-size: 0;
    background: var(--filmless-line);
  }
  filmless-viewer-cell.active::after {
    content: '';
    position: absolute;
    inset: 0;
    z-index: 1;
    border: 1px solid var(--filmless-accent);
    pointer-events: none;
  }
  .maximised filmless-viewer-cell {
    visibility: hidden;
  }
  .maximised filmless-viewer-cell.active {
    visibility: visible;
    position: absolute;
    inset: 0;
    z-index: 1;
  }
`;
