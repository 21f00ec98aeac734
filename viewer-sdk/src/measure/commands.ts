import type { ViewerCommand } from '../extension/contract.ts';
import { copyText } from './clipboard.ts';
import { annotationText } from './export.ts';
import type { MeasureSession } from './session.ts';

/** What the buttons and keys do beside drawing. */
export function measureCommands(session: MeasureSession): ViewerCommand[] {
  const { store, viewer } = session;
  return [
    { id: 'undo', run: () => void store.undo(), enabled: () => session.open && store.canUndo },
    { id: 'redo', run: () => void store.redo(), enabled: () => session.open && store.canRedo },
    { id: 'annotationDelete', run: () => deleteSelected(session), enabled: () => session.selected !== undefined },
    { id: 'annotationDeleteAll', run: () => deleteAll(session), enabled: () => session.annotations.length > 0 },
    {
      id: 'annotationsHide',
      run() {
        session.hidden = !session.hidden;
        if (session.hidden) viewer.notify(session.text('hidden'));
      },
      pressed: () => session.hidden,
      enabled: () => session.annotations.length > 0 || session.hidden,
    },
    { id: 'annotationCopy', run: () => copySelected(session), enabled: () => session.selected !== undefined },
  ];
}

export function deleteSelected({ selected, store }: MeasureSession): void {
  if (selected) store.remove(selected.id);
}

async function deleteAll(session: MeasureSession): Promise<void> {
  const { store, viewer } = session;
  const ids = session.annotations.map(({ id }) => id);
  if (ids.length === 0) return;
  const yes = await viewer.confirm({
    title: session.text('deleteAll.title'),
    text: session.text('deleteAll.text', { count: ids.length }),
    yes: session.text('deleteAll.yes'),
  });
  // Those that came while the question was open were not spoken of.
  if (yes) store.remove(...ids);
}

/** The selected measurement's values, as they stand on the image. */
export async function copySelected(session: MeasureSession): Promise<void> {
  const { selected } = session;
  if (selected) await copyOut(session, annotationText(session, selected));
}

/** Copies, and says how it went. */
export async function copyOut(session: MeasureSession, text: string): Promise<void> {
  const copied = await copyText(text);
  session.viewer.notify(session.text(copied ? 'panel.copied' : 'panel.copyFailed'), copied ? 'done' : 'error');
}
