/** Entry of the staff's application: language, session, then the shell. */
import { rememberedLocale, setLocale } from './i18n/index.ts';
import { router } from './router.ts';
import { applyTheme, currentTheme } from './state/preferences.ts';
import { session } from './state/session.ts';

async function start(): Promise<void> {
  // Whoever opens a shared link has no account: nothing of the application is loaded.
  if (/^\/share\/[^/]+$/.test(window.location.pathname)) {
    await Promise.all([
      setLocale(rememberedLocale(window.navigator.language)),
      import('./screens/share/share-page.ts'),
    ]);
    document.body.append(document.createElement('fl-share-page'));
    return;
  }
  applyTheme(currentTheme());
  const restored = session.restore().catch((error: unknown) => {
    // Sign-in says itself that the node cannot be reached.
    console.warn('The session could not be looked up', error instanceof Error ? error.message : '');
  });
  await Promise.all([setLocale(rememberedLocale()), import('./app/app.ts'), restored]);
  router.start();
  document.body.append(document.createElement('filmless-app'));
}

void start();
