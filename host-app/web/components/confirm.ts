import '@vaadin/confirm-dialog';
import type { ConfirmDialog } from '@vaadin/confirm-dialog';
import { t } from '../i18n/index.ts';

/** Asks before anything that cannot be undone; resolves to the answer. Esc means no; of what destroys, Cancel has the focus. */
export function confirmAction(question: {
  title: string;
  text: string;
  action: string;
  destructive?: boolean;
}): Promise<boolean> {
  const dialog: ConfirmDialog = document.createElement('vaadin-confirm-dialog');
  dialog.header = question.title;
  dialog.message = question.text;
  dialog.confirmText = question.action;
  dialog.confirmTheme = question.destructive ? 'error primary' : 'primary';
  dialog.cancelButtonVisible = true;
  dialog.cancelText = t.common.cancel;
  return new Promise((resolve) => {
    let answer = false;
    dialog.addEventListener('confirm', () => {
      answer = true;
    });
    dialog.addEventListener('closed', () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.opened = true;
    // The dialog gives the focus to its action when it has opened; what destroys must not lie under Enter.
    if (question.destructive)
      requestAnimationFrame(() =>
        requestAnimationFrame(() => dialog.querySelector<HTMLElement>('[slot="cancel-button"]')?.focus()),
      );
  });
}
