import { html, nothing, type TemplateResult } from 'lit';
import keys from 'lucide-static/dist/esm/icons/bookmark.mjs';
import turn from 'lucide-static/dist/esm/icons/chevron-right.mjs';
import presentation from 'lucide-static/dist/esm/icons/image-play.mjs';
import report from 'lucide-static/dist/esm/icons/ruler.mjs';
import type { ImageReference } from '../../extension/contract.ts';
import { isClass, SOP } from '../../objects/kinds.ts';
import { drawIcon } from '../../objects/parts/icon.ts';
import { readPresentationState } from '../../objects/presentation/read.ts';
import { presentationStatesOf } from '../../objects/presentation/states.ts';
import { shownTime } from '../dates.ts';
import type { KeptObject } from '../read/index.ts';
import type { StudyWork } from '../session/study-work.ts';
import type { WorkSession } from '../session/work-session.ts';
import { type WorkText, workText } from '../texts.ts';
import { showReference } from './format.ts';
import { labelOf } from './group-lines.ts';

const ICONS: Readonly<Record<KeptObject['type'], string>> = { report, keys, presentation };
const isPresentationState = isClass(SOP.grayscalePresentation, SOP.colourPresentation);
type Text = (key: WorkText, parameters?: Readonly<Record<string, string | number>>) => string;

/** All work that the archive has of a study, newest first, with what is in it. */
export function renderKept(work: StudyWork, session: WorkSession): TemplateResult {
  const text: Text = (key, parameters) => workText(session.viewer.locale, key, parameters);
  const replaced = new Set(work.kept.flatMap((object) => (object.type === 'report' ? object.predecessors : [])));
  const newestKeys = work.keyObjects;
  const isReplaced = (object: KeptObject): boolean =>
    replaced.has(object.SOPInstanceUID) || (object.type === 'keys' && object.ours && object !== newestKeys);
  const drawn = work.kept.some(
    (object) => object.type === 'report' && !object.ours && object.groups.some(({ regions }) => regions.length > 0),
  );
  return html`<h3>${text('panel.other')}<span class="count">${work.kept.length}</span></h3>
    ${
      drawn
        ? html`<label class="secondary"><input
            type="checkbox"
            data-action="others"
            .checked=${session.othersShown}
            @change=${(event: Event) => session.showOthers((event.target as HTMLInputElement).checked)}
          /> ${text('kept.draw')}</label>`
        : nothing
    }
    ${[...work.kept].reverse().map((object) => renderObject(object, isReplaced(object), session, text))}`;
}

function renderObject(object: KeptObject, replaced: boolean, session: WorkSession, text: Text): TemplateResult {
  const who = [
    object.author || (object.ours ? text('kept.unknownAuthor') : ''),
    object.ours ? '' : text('kept.from', { system: object.manufacturer || text('kept.unknownAuthor') }),
  ];
  return html`<details class=${replaced ? 'superseded' : ''} data-type=${object.type}>
    <summary title=${text('kept.details')}>
      ${drawIcon(ICONS[object.type])}
      <div class="what">
        <div>${titleOf(object, text)} <span class="secondary">${summaryOf(object, text)}</span>${replaced ? html` <span class="tag">${text('kept.superseded')}</span>` : nothing}</div>
        <div class="secondary">${[shownTime(object.date, object.time, object.offset), ...who].filter(Boolean).join(' · ')}</div>
      </div>
      <span class="turn">${drawIcon(turn)}</span>
    </summary>
    ${contentOf(object, session, text)}
  </details>`;
}

function titleOf(object: KeptObject, text: Text): string {
  if (object.type === 'report') return text('kept.report');
  if (object.type === 'presentation') return object.label || text('kept.presentation');
  return object.description || (object.titleCode ? text(`keys.${object.titleCode}`) : object.title);
}

function summaryOf(object: KeptObject, text: Text): string {
  if (object.type !== 'report') return text('kept.images', { count: object.images.length });
  const count = object.groups.length;
  return count === 0 ? text('kept.noMeasurements') : text('kept.measurements', { count });
}

function contentOf(object: KeptObject, session: WorkSession, text: Text): TemplateResult {
  if (object.type === 'report')
    return html`<ul>
      ${object.groups.map((group) => row(labelOf(group, session.viewer.locale), group.reference, session, text))}
    </ul>`;
  return html`<ul>
    ${object.images.map((image) => {
      const known = session.frames.known(image.instance, image.frame ?? 1);
      const number = image.frame ?? known?.instanceNumber ?? '';
      const label = text('keys.image', { number });
      if (object.type === 'presentation')
        return row(label, image, session, text, () => applyState(object, image, session));
      return row(label, image, session, text);
    })}
  </ul>`;
}

/** Shows an image as the presentation state has it. */
async function applyState(object: KeptObject, image: ImageReference, session: WorkSession): Promise<void> {
  const { viewer } = session;
  const states = presentationStatesOf(viewer.element);
  const dataset = session.datasetOf(object);
  if (!states || !dataset || !isPresentationState(dataset)) return showReference(viewer, image);
  const shown = await states.open(readPresentationState(dataset), image).catch(() => false);
  if (!shown) viewer.notify(workText(viewer.locale, 'kept.gone'), 'error');
}

function row(
  label: string,
  reference: ImageReference | undefined,
  session: WorkSession,
  text: Text,
  apply?: () => Promise<void>,
): TemplateResult {
  return html`<li>
    <button
      type="button"
      class="plain"
      ?disabled=${!reference}
      title=${text(apply ? 'kept.apply' : reference ? 'keys.goto' : 'kept.noImage')}
      @click=${() => (apply ? apply() : reference && showReference(session.viewer, reference))}
    >
      ${label}
    </button>
  </li>`;
}
