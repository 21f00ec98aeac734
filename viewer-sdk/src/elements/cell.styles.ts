import { css } from 'lit';

export const cellStyles = css`
  :host {
    position: relative;
    display: flex;
    min-inline-size: 0;
    min-block-size: 0;
    background: var(--filmless-image-background);
  }
  .area {
    position: relative;
    flex: 1;
    min-inline-size: 0;
    overflow: hidden;
    touch-action: none;
    user-select: none;
  }
  .area:focus-visible {
    outline-offset: -2px;
  }
  .stage,
  .preview,
  .layers,
  .object {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
  }
  .preview {
    object-fit: contain;
    background: var(--filmless-image-background);
    pointer-events: none;
  }
  .layers {
    pointer-events: none;
    overflow: hidden;
  }
  .object {
    background: var(--filmless-surface-0);
    touch-action: auto;
    user-select: text;
    cursor: default;
  }
  .spinner {
    inline-size: 14px;
    block-size: 14px;
    border: 2px solid var(--filmless-surface-3);
    border-block-start-color: var(--filmless-accent);
    border-radius: 50%;
    /* In steps: where the processor draws, a smooth turn takes the time that the image needs. */
    animation: turn 0.9s steps(9) infinite;
  }
  .waiting {
    animation: appear 0s 0.4s both;
    position: absolute;
    inset-block-start: 50%;
    inset-inline-start: 50%;
    translate: -50% -50%;
    display: grid;
    justify-items: center;
    gap: 10px;
    color: var(--filmless-overlay-secondary);
  }
  .waiting .spinner {
    inline-size: 26px;
    block-size: 26px;
    border-color: var(--filmless-overlay-line);
    border-block-start-color: var(--filmless-overlay-progress);
    animation-delay: 0.4s;
  }
  @keyframes appear {
    from {
      visibility: hidden;
    }
    to {
      visibility: visible;
    }
  }
  @keyframes turn {
    to {
      rotate: 360deg;
    }
  }
`;
