/** The page of a viewer's second window, `window.html`: shows what its opener says, as long as the opener does. */
import type { FilmlessViewer } from '../elements/viewer.ts';
import { moduleTranslator } from '../i18n/module.ts';
import { type FromWindow, readMessage, type ToWindow, type WindowImages } from './window-messages.ts';

/** How often the page looks whether its opener is still there: a closed window says nothing. */
const WATCH_MS = 1000;

const text = moduleTranslator('window', {
  en: {
    title: 'Images, second window',
    ended: 'The window this one belongs to was closed, or shows another study.',
    alone: 'This window is opened from the viewer.',
  },
  'zh-CN': {
    title: '影像 · 副屏',
    ended: '主窗口已关闭，或已切换检查。',
    alone: '本窗口需从影像浏览器中打开。',
  },
});

const opener = window.opener as Window | null;
const tokens = new Map<number, (token: string | undefined) => void>();
let asked = 0;
let locale = navigator.language;
let viewer: FilmlessViewer | undefined;

const send = (message: FromWindow): void => opener?.postMessage(message, location.origin);

/** Nothing of the patient stays; the words say why. */
function blank(reason: 'ended' | 'alone'): void {
  viewer?.remove();
  viewer = undefined;
  document.body.replaceChildren(Object.assign(document.createElement('p'), { textContent: text(locale, reason) }));
}

async function show({ tokens: given, ...images }: WindowImages): Promise<void> {
  locale = images.locale;
  document.documentElement.lang = locale;
  document.title = text(locale, 'title');
  await import(new URL('filmless-viewer.js', import.meta.url).href);
  const element = viewer ?? document.createElement('filmless-viewer');
  Object.assign(element, images, given ? { tokenProvider: askToken } : {});
  if (!viewer) document.body.replaceChildren(element);
  viewer = element;
}

function askToken(): Promise<string> {
  asked += 1;
  const request = asked;
  send({ filmless: 'token', request });
  return new Promise((resolve, reject) => {
    tokens.set(request, (token) => {
      tokens.delete(request);
      if (token === undefined) reject(new Error('the opener gave no token'));
      else resolve(token);
    });
  });
}

if (!opener) blank('alone');
else {
  window.addEventListener('message', (event) => {
    const message = readMessage<ToWindow>(event, opener);
    if (message?.filmless === 'show') void show(message.images);
    else if (message?.filmless === 'end') blank('ended');
    else if (message?.filmless === 'token') tokens.get(message.request)?.(message.token);
  });
  setInterval(() => {
    if (opener.closed && viewer) blank('ended');
  }, WATCH_MS);
  send({ filmless: 'ready' });
}
