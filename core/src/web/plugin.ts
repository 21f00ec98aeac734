import { z } from 'zod';
import { staticFileRoute, staticRoute } from '../http/static-files.ts';
import type { FilmlessPlugin } from '../plugins/contract.ts';

interface Directories {
  /** The built staff application: `index.html` and `assets/`. */
  webDirectory: string;
  /** The built viewer SDK. */
  sdkDirectory: string;
}

/** Paths of the application's screens: each answers with its page, which then reads the path. */
const SCREENS = [
  '/',
  '/sign-in',
  '/studies',
  '/studies/:study',
  '/import',
  '/devices',
  '/system',
  '/system/:tab',
  '/screens/:element',
];

const PUBLIC_APP = { access: 'public', why: 'the program of the pages, without any data' } as const;
const PUBLIC_SDK = { access: 'public', why: 'the viewer that other pages embed, without any data' } as const;

/** Serves the staff's application and the viewer SDK. */
export function createWebPlugin({ webDirectory, sdkDirectory }: Directories): FilmlessPlugin {
  return {
    id: 'core-web',
    api: 1,
    title: { 'zh-CN': '工作站网页', en: 'Staff application' },
    essential: true,
    config: z.strictObject({}),
    activate(context) {
      for (const path of SCREENS) {
        const route = staticFileRoute(path, 'index.html', PUBLIC_APP, "A screen of the staff's application", {
          directory: webDirectory,
        });
        context.points.contribute('HttpRoute', `GET ${path}`, route);
      }
      context.points.contribute(
        'HttpRoute',
        'GET /assets',
        staticRoute('/assets', PUBLIC_APP, "Files of the staff's application", { directory: `${webDirectory}/assets` }),
      );
      context.points.contribute(
        'HttpRoute',
        'GET /sdk',
        staticRoute('/sdk', PUBLIC_SDK, 'The viewer SDK', { directory: sdkDirectory, anyOrigin: true }),
      );
    },
  };
}
