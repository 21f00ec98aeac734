import '@vaadin/notification';
import { Notification } from '@vaadin/notification';
import { t } from '../i18n/index.ts';
import { errorText } from './error-text.ts';

/** A short confirmation at the bottom; nothing that needs an answer. */
export function notifyDone(text: string): void {
  Notification.show(text, { position: 'bottom-end', duration: 4000 });
}

/** An error of an action that has no place of its own on the screen. */
export function notifyError(thrown: unknown): void {
  const { title, remedy, forIt } = errorText(thrown);
  Notification.show(`${t.common.sentences(title, remedy)} (${forIt})`, {
    position: 'bottom-end',
    duration: 10_000,
    theme: 'error',
    assertive: true,
  });
}
