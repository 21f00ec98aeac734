import type { WorkSession } from '../session/work-session.ts';

/** Tells a panel of changes of the work, and of another image in the active cell; not of every painting of the same one. @returns ends it */
export function followImages(session: WorkSession, changed: () => void): () => void {
  const { viewer } = session;
  let shown: string | undefined;
  const look = (): void => {
    const mark = session.markOf(viewer.active);
    const now = mark && `${mark.instance}/${mark.frame ?? ''}`;
    if (now === shown) return;
    shown = now;
    changed();
  };
  const ends = [session.onChange(changed), viewer.on('rendered', look), viewer.on('active', look)];
  return () => {
    for (const end of ends) end();
  };
}
