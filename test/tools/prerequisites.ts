import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Tool {
  name: string;
  /** Finds the program; undefined when it is not there. */
  find(): string | undefined;
  debianPackages: readonly string[];
  usedFor: string;
}

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A program by its name on the path. */
export function findProgram(name: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(directory, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder; the next one may have it.
    }
  }
  return undefined;
}

/** `CHROME_PATH`, then the system's Chromium or Chrome. */
export function findChromium(): string | undefined {
  const configured = process.env['CHROME_PATH'];
  if (configured && existsSync(configured)) return configured;
  return CHROMIUM_NAMES.map(findProgram).find((path) => path !== undefined);
}

export const findDcmtk = (): string | undefined => findProgram('storescu');
export const findDciodvfy = (): string | undefined => findProgram('dciodvfy');
export const findOrthanc = (): string | undefined => findProgram('Orthanc');

const TOOLS: readonly Tool[] = [
  {
    name: 'Chromium',
    find: findChromium,
    debianPackages: ['chromium', 'fonts-noto-cjk'],
    usedFor: 'element tests and end-to-end tests',
  },
  { name: 'DCMTK', find: findDcmtk, debianPackages: ['dcmtk'], usedFor: 'DICOM interoperability and fault tests' },
  {
    name: 'GDCM',
    find: () => findProgram('gdcmconv'),
    debianPackages: ['libgdcm-tools'],
    usedFor: 'comparing JPEG 2000 images on the screen',
  },
  {
    name: 'dicom3tools',
    find: findDciodvfy,
    debianPackages: ['dicom3tools'],
    usedFor: 'the check of the objects that the viewer writes',
  },
];

function mayInstall(): boolean {
  return process.getuid?.() === 0 && findProgram('apt-get') !== undefined;
}

/** Finds what the tests need, installs it where that is allowed, and says what is missing. Returns the names of what is missing. */
export function ensurePrerequisites(): string[] {
  const absent = TOOLS.filter((tool) => tool.find() === undefined);
  if (absent.length > 0 && mayInstall()) {
    const packages = absent.flatMap((tool) => tool.debianPackages);
    console.log(`Installing ${packages.join(' ')} with apt-get`);
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-q'], { stdio: 'inherit', env: environment });
    spawnSync('apt-get', ['install', '-y', '-q', ...packages], { stdio: 'inherit', env: environment });
  }
  const missing = TOOLS.filter((tool) => tool.find() === undefined);
  for (const tool of missing) {
    console.log(
      `${tool.name} is missing (${tool.usedFor}). On Debian or Ubuntu: sudo apt-get install ${tool.debianPackages.join(' ')}`,
    );
    if (tool.name === 'Chromium')
      console.log('Elsewhere: install Chromium or Chrome and set CHROME_PATH to its program.');
  }
  return missing.map((tool) => tool.name);
}

/** The version line of a program, for reports. */
export function versionOf(program: string, ...args: string[]): string {
  try {
    return (
      execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
        .split('\n')[0]
        ?.trim() ?? ''
    );
  } catch {
    return 'unknown version';
  }
}
