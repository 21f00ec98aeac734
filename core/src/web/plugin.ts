import { z } from 'zod';
import type { HttpRoute } from '../http/contract.ts';
import { StaticFiles, staticFileRoute, staticRoute } from '../http/static-files.ts';
import type { FilmlessPlugin } from '../plugins/contract.ts';
import type { Launches } from '../security/launches.ts';
import { invokeImageDisplayRoute } from './invoke-image-display.ts';
import { doctorPage, embedPage, viewerPage } from './pages.ts';

interface Options {
  /** The built staff application: `index.html` and `assets/`. */
  webDirectory: string;
  /** The built viewer SDK. */
  sdkDirectory: string;
  /** Other systems' pages, which may also show the viewer in a frame: `http.corsOrigins`. */
  config: { http: { corsOrigins: readonly string[] } };
  /** Asked when a request comes. */
  launches(): Launches;
}

/** Paths of the application's screens: each answers with its page, which then reads the path. */
const SCREENS = [
  '/',
  '/sign-in',
  '/studies',
  '/studies/:study',
  '/registration',
  '/registration/:tab',
  '/patients/:key',
  '/import',
  '/devices',
  '/system',
  '/system/:tab',
  '/screens/:element',
];

const PUBLIC_APP = { access: 'public', why: 'the program of the pages, without any data' } as const;
const PUBLIC_SDK = { access: 'public', why: 'the viewer that other pages embed, without any data' } as const;

/** Serves the staff's application, the viewer SDK, and the pages by which other systems show images. */
export function createWebPlugin({ webDirectory, sdkDirectory, config, launches }: Options): FilmlessPlugin {
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
      context.points.contribute('HttpRoute', 'GET /share/:id', sharePageRoute(webDirectory));
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
      const origins = config.http.corsOrigins.map((origin) => new URL(origin).origin);
      context.points.contribute('HttpRoute', 'GET /embed', {
        method: 'GET',
        path: '/embed',
        policy: PUBLIC_SDK,
        summary: "The viewer for a frame in another system's page, driven by messages",
        handle: () => embedPage(origins),
      });
      context.points.contribute(
        'HttpRoute',
        'GET /sdk/docs',
        staticFileRoute('/sdk/docs', 'docs/index.html', PUBLIC_SDK, "The SDK's documentation with live examples", {
          directory: sdkDirectory,
        }),
      );
      context.points.contribute('HttpRoute', 'GET /sdk/doctor', {
        method: 'GET',
        path: '/sdk/doctor',
        policy: PUBLIC_SDK,
        summary: 'Checks page, browser, server and line of a workstation',
        handle: doctorPage,
      });
      context.points.contribute('HttpRoute', 'GET /viewer', {
        method: 'GET',
        path: '/viewer',
        policy: PUBLIC_SDK,
        summary: "A patient's exams and images in a window of their own",
        handle: viewerPage,
      });
      context.points.contribute(
        'HttpRoute',
        'GET /IHEInvokeImageDisplay',
        invokeImageDisplayRoute(() => context, launches),
      );
    },
  };
}

/** The page of a shared link. Nobody may keep it, list it, or tell where he came from: its address leads to somebody's images. */
function sharePageRoute(directory: string): HttpRoute {
  const files = new StaticFiles({ directory });
  return {
    method: 'GET',
    path: '/share/:id',
    policy: PUBLIC_APP,
    summary: 'The page of a shared link',
    async handle(request) {
      const { status = 200, headers, ...rest } = await files.serve(request, 'index.html');
      const own = {
        'Cache-Control': 'no-store',
        'X-Robots-Tag': 'noindex, nofollow',
        'Referrer-Policy': 'no-referrer',
      };
      return { status, headers: { ...headers, ...own }, ...rest };
    },
  };
}
