import { toViewerError } from '../errors.ts';
import type { Cell, ViewerCommand } from '../extension/contract.ts';
import { localTime } from './dates.ts';
import { copyImage } from './export/copy.ts';
import { labelled } from './export/picture.ts';
import type { WorkSession } from './session/work-session.ts';
import { storeInstances } from './store/stow.ts';
import { workText } from './texts.ts';
import { ModalityLutMissing, type Presentation, writePresentationState } from './write/index.ts';

export const WORK_PANEL = 'work';
export const EXPORT_PANEL = 'work-export';
export const PRINT_PANEL = 'work-print';

/** What the buttons of kept work do. */
export function workCommands(session: WorkSession): ViewerCommand[] {
  const { viewer } = session;
  const shown = (): boolean => viewer.active.view !== undefined;
  const current = () => session.markOf(viewer.active);
  return [
    {
      id: 'work-key',
      enabled: shown,
      pressed: () => {
        const mark = current();
        return mark !== undefined && (session.of(mark.study)?.isMarked(mark) ?? false);
      },
      run: () => {
        const mark = current();
        const work = mark && session.of(mark.study);
        if (!mark || !work) return;
        session.toggleMark(mark);
        viewer.notify(workText(viewer.locale, work.isMarked(mark) ? 'keys.marked' : 'keys.unmarked'), 'information');
      },
    },
    { id: 'work-save', enabled: () => session.dirty, run: () => saveAll(session) },
    { id: 'work-presentation', enabled: shown, run: () => savePresentation(session, viewer.active) },
    { id: 'work-export', enabled: shown, run: () => viewer.openPanel(EXPORT_PANEL) },
    { id: 'work-print', enabled: shown, run: () => viewer.openPanel(PRINT_PANEL) },
    { id: 'work-copy', enabled: shown, run: () => copy(session) },
  ];
}

async function saveAll(session: WorkSession): Promise<void> {
  const { viewer } = session;
  const changed = session.studies.filter((work) => session.isDirty(work));
  if (changed.length === 0) {
    viewer.notify(workText(viewer.locale, 'save.nothing'), 'information');
    return;
  }
  for (const work of changed) await session.save(work);
  const failed = changed.some(({ results }) => results.some(({ error }) => error));
  if (failed) viewer.openPanel(WORK_PANEL);
  viewer.notify(workText(viewer.locale, failed ? 'save.failed' : 'save.done'), failed ? 'error' : 'done');
}

/** How a cell looks now, as a presentation state has it. */
export function presentationOf(cell: Cell, session: WorkSession): Presentation | undefined {
  const { view } = cell;
  if (!view) return undefined;
  const { frame } = view;
  const [first, last] = [cell.toImage([0, 0]), cell.toImage([cell.size.width, cell.size.height])];
  return {
    frame,
    window: view.window,
    tone: view.tone,
    inverted: view.inverted,
    screen: view.screen,
    visible: first && last ? [first, last] : undefined,
    annotations: labelled(session, view, cell.pixels()),
  };
}

async function savePresentation(session: WorkSession, cell: Cell): Promise<void> {
  const { viewer } = session;
  const { client, locale } = viewer;
  const presentation = presentationOf(cell, session);
  const work = session.of(presentation?.frame.StudyInstanceUID);
  if (!client || !presentation || !work) return;
  if (cell.view?.subtraction) {
    // The window is of differences, which a presentation state without its mask would not show.
    viewer.notify(workText(locale, 'presentation.subtraction'), 'error');
    return;
  }
  const label = await viewer.ask({
    title: workText(locale, 'presentation.save'),
    label: workText(locale, 'presentation.ask'),
    value: workText(locale, 'presentation.default', { time: localTime(new Date().toISOString()) }),
    yes: workText(locale, 'save.button'),
  });
  if (label === undefined) return;
  try {
    const { dataset } = presentation.frame;
    const instance = writePresentationState(dataset, [presentation], label.trim(), await session.origin(client));
    const [result] = await storeInstances(client, work.study, [instance]);
    if (result?.error) throw result.error;
    session.added(work, instance);
    viewer.notify(workText(locale, 'save.done'), 'done');
  } catch (error) {
    if (error instanceof ModalityLutMissing) viewer.notify(workText(locale, 'presentation.lut'), 'error');
    else
      viewer.notify(`${workText(locale, 'save.failed')} ${toViewerError(error, 'VIEWER_BAD_RESPONSE').code}`, 'error');
  }
}

async function copy(session: WorkSession): Promise<void> {
  const { viewer } = session;
  try {
    await copyImage(session);
    viewer.notify(workText(viewer.locale, 'copy.done'), 'done');
  } catch {
    viewer.notify(workText(viewer.locale, 'copy.failed'), 'error');
  }
}
