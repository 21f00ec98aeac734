import { css, html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import camera from 'lucide-static/dist/esm/icons/camera.mjs';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import pause from 'lucide-static/dist/esm/icons/pause.mjs';
import play from 'lucide-static/dist/esm/icons/play.mjs';
import repeat from 'lucide-static/dist/esm/icons/repeat.mjs';
import back from 'lucide-static/dist/esm/icons/step-back.mjs';
import forward from 'lucide-static/dist/esm/icons/step-forward.mjs';
import { noteOutput } from '../../client/note-output.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { elementOf, numberOf, textOf } from '../parts/dataset.ts';
import { drawIcon } from '../parts/icon.ts';
import { saveBlob, saveInstance } from '../parts/save.ts';
import { openSurface, surfaceMessage, surfaceWaiting } from '../parts/surface.ts';
import { objectText } from '../parts/texts.ts';
import { containerOf, FILE_ENDINGS } from './container.ts';
import { toPlayable } from './playable.ts';
import { videoText } from './texts.ts';

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];
const DEFAULT_RATE = 25;

const videoStyles = css`
  .screen {
    position: relative;
    flex: 1;
    min-block-size: 0;
    background: var(--filmless-image-background);
  }
  video {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    object-fit: contain;
  }
  input[type='range'] {
    flex: 1;
    min-inline-size: 8em;
    accent-color: var(--filmless-accent);
  }
  .place {
    min-inline-size: 9em;
    text-align: end;
  }
`;

/** Frames per second, as the file says them. @dicom PS3.3 C.7.6.5 */
export function frameRate(dataset: JsonDataset): number {
  const frameTimeMs = numberOf(dataset, 'FrameTime');
  const rate =
    frameTimeMs !== undefined && frameTimeMs > 0
      ? 1000 / frameTimeMs
      : (numberOf(dataset, 'CineRate') ?? numberOf(dataset, 'RecommendedDisplayFrameRate') ?? DEFAULT_RATE);
  return rate > 0 && rate <= 1000 ? rate : DEFAULT_RATE;
}

/** How the video is coded, in the words on the back of a player. */
export function codecName(transferSyntax: string): string {
  if (/\.4\.10[01](\.1)?$/.test(transferSyntax)) return 'MPEG-2';
  if (/\.4\.10[2-6](\.1)?$/.test(transferSyntax)) return 'MPEG-4 AVC / H.264';
  return /\.4\.10[78]$/.test(transferSyntax) ? 'HEVC / H.265' : transferSyntax;
}

/** Plays a video where the browser can; where it cannot, says so and hands it out. */
export function mountVideo(host: HTMLElement, instance: ObjectInstance, viewer: ViewerContext): { dispose(): void } {
  const { dataset } = instance;
  const { locale } = viewer;
  const surface = openSurface(host, locale, videoStyles);
  const controller = new AbortController();
  const rate = frameRate(dataset);
  const video = document.createElement('video');
  Object.assign(video, { muted: true, loop: true, playsInline: true, preload: 'auto' });
  video.setAttribute('aria-label', videoText(locale, 'video'));
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  let url = '';
  let failed = false;

  const count = () => {
    const stated = numberOf(dataset, 'NumberOfFrames') ?? 0;
    return Number.isFinite(video.duration) ? Math.max(1, Math.round(video.duration * rate)) : Math.max(1, stated);
  };
  const frame = () => Math.min(count(), Math.floor(video.currentTime * rate + 1e-3) + 1);
  /** Aims at the middle of the frame: its edges belong to two. */
  const show = (number: number) => {
    video.pause();
    video.currentTime = (Math.min(count(), Math.max(1, number)) - 0.5) / rate;
  };
  const toggle = () => void (video.paused ? video.play().catch(() => undefined) : video.pause());
  const saveVideo = () => {
    if (!bytes) return;
    saveBlob(new Blob([bytes]), `${instance.SOPInstanceUID}.${FILE_ENDINGS[containerOf(bytes)]}`);
    noteOutput(viewer.client, 'export', 'images', [instance.StudyInstanceUID]);
  };
  const snapshot = async () => {
    const number = frame();
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) return;
    saveBlob(blob, `${instance.SOPInstanceUID}-${number}.png`);
    noteOutput(viewer.client, 'export', 'images', [instance.StudyInstanceUID]);
    viewer.notify(videoText(locale, 'snapshotDone'), 'done');
  };
  const button = (icon: string, label: string, run: () => void, pressed?: boolean): TemplateResult =>
    html`<button type="button" class="only-icon" title=${label} aria-label=${label} aria-pressed=${pressed === undefined ? 'false' : String(pressed)} @click=${run}>${drawIcon(icon)}</button>`;

  const renderPlayer = (): TemplateResult => html`
    <div class="screen">${video}</div>
    <div class="bar">
      ${button(back, videoText(locale, 'previousFrame'), () => show(frame() - 1))}
      ${button(video.paused ? play : pause, videoText(locale, video.paused ? 'play' : 'pause'), toggle)}
      ${button(forward, videoText(locale, 'nextFrame'), () => show(frame() + 1))}
      <input type="range" min="1" max=${count()} step="1" .value=${live(String(frame()))} aria-label=${videoText(locale, 'position')} @input=${(event: Event) => show(Number((event.target as HTMLInputElement).value))} />
      <span class="place">${videoText(locale, 'frame', { frame: frame(), count: count() })}</span>
      <select aria-label=${videoText(locale, 'speed')} title=${videoText(locale, 'speed')} @change=${(event: Event) => {
        video.playbackRate = Number((event.target as HTMLSelectElement).value);
      }}>
        ${SPEEDS.map((speed) => html`<option value=${speed} ?selected=${speed === video.playbackRate}>${speed}×</option>`)}
      </select>
      ${button(
        repeat,
        videoText(locale, 'loop'),
        () => {
          video.loop = !video.loop;
          draw();
        },
        video.loop,
      )}
      <span class="divider"></span>
      ${button(camera, videoText(locale, 'snapshot'), () => void snapshot())}
      ${button(download, videoText(locale, 'saveVideo'), saveVideo)}
    </div>`;
  const renderUnplayable = (): TemplateResult =>
    surfaceMessage(
      videoText(locale, 'unsupported'),
      videoText(locale, 'unsupportedHint', { codec: codecName(textOf(dataset, 'AvailableTransferSyntaxUID') ?? '') }),
      html`${bytes ? html`<button type="button" class="bordered" @click=${saveVideo}>${drawIcon(download)}<span>${videoText(locale, 'saveVideo')}</span></button>` : ''}
        <button type="button" class="bordered" @click=${() => void saveInstance(instance, viewer)}>${drawIcon(download)}<span>DICOM</span></button>`,
    );
  const draw = () => {
    if (controller.signal.aborted) return;
    if (failed) surface.draw(renderUnplayable());
    else if (!url) surface.draw(surfaceWaiting(objectText(locale, 'loading')));
    else surface.draw(renderPlayer());
  };
  for (const type of ['timeupdate', 'play', 'pause', 'seeked', 'loadedmetadata', 'durationchange'])
    video.addEventListener(type, draw);
  video.addEventListener('error', () => {
    failed = url !== '';
    draw();
  });
  surface.element.tabIndex = 0;
  surface.element.addEventListener('keydown', (event) => {
    const keys: Readonly<Record<string, () => void>> = {
      ' ': toggle,
      ArrowLeft: () => show(frame() - 1),
      ArrowRight: () => show(frame() + 1),
      Home: () => show(1),
      End: () => show(count()),
    };
    const run = keys[event.key];
    const target = event.composedPath()[0];
    const owns =
      target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLButtonElement;
    if (!run || owns || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  });

  const open = async () => {
    try {
      const element = elementOf(dataset, 'PixelData');
      if (!element || !viewer.client) throw new Error('no video in the object');
      bytes = await viewer.client.binary(element, { signal: controller.signal });
      const playable = await toPlayable(bytes, 1 / rate);
      if (controller.signal.aborted) return;
      if (playable && video.canPlayType(playable.type) !== '') {
        url = URL.createObjectURL(playable.blob);
        video.src = url;
      } else failed = true;
    } catch {
      failed = true;
    }
    draw();
  };
  draw();
  void open();
  return {
    dispose() {
      controller.abort();
      video.pause();
      video.removeAttribute('src');
      video.load();
      if (url) URL.revokeObjectURL(url);
      surface.dispose();
    },
  };
}
