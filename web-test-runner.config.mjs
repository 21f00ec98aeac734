/** Tests of browser code: elements and pure logic, in the system's Chromium. `npx web-test-runner [--files GLOB]` */
import { existsSync } from 'node:fs';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { chromeLauncher } from '@web/test-runner-chrome';

const candidates = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].filter(Boolean);
const executablePath = candidates.find((path) => existsSync(path));
if (!executablePath) {
  throw new Error(
    'No Chromium found. Install it (Debian: apt-get install chromium) or set CHROME_PATH to its executable.',
  );
}

export default {
  files: ['viewer-sdk/src/**/*.test.ts', 'host-app/web/**/*.test.ts', 'plugins/*/src/ui/**/*.test.ts'],
  nodeResolve: { browser: true, exportConditions: ['browser', 'production', 'import', 'default'] },
  plugins: [esbuildPlugin({ ts: true, json: true, target: 'es2022', tsconfig: 'tsconfig.web.json' })],
  browsers: [
    chromeLauncher({
      launchOptions: {
        executablePath,
        args: [
          '--no-sandbox',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--no-first-run',
          '--disable-quic',
          '--hide-scrollbars',
          '--disable-gpu-compositing',
        ],
      },
      concurrency: 1,
    }),
  ],
  concurrency: 1,
  testsStartTimeout: 60_000,
  testsFinishTimeout: 300_000,
  testFramework: { config: { timeout: 20_000 } },
};
