import type { Route } from '../router.ts';

const LOADERS: Record<Route['screen'], (() => Promise<unknown>) | undefined> = {
  'sign-in': () => import('../screens/sign-in/sign-in.ts'),
  studies: () => import('../screens/study-list/study-list.ts'),
  study: () => import('../screens/study/study.ts'),
  registration: () => import('../screens/patients/registration.ts'),
  person: () => import('../screens/patients/person.ts'),
  import: () => import('../screens/import/import.ts'),
  devices: () => import('../screens/devices/devices.ts'),
  system: () => import('../screens/system/system.ts'),
  plugin: () => import('./plugin-screen.ts'),
  'not-found': undefined,
};

/** Defines the elements of a screen; each is a bundle of its own. */
export async function loadScreen(screen: Route['screen']): Promise<void> {
  await LOADERS[screen]?.();
}
