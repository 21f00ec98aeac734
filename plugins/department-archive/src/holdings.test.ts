import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { stateOf } from './board.ts';
import { Holdings, type StudyInventory } from './holdings.ts';

const HOUR_MS = 3600_000;
let now: number;
let centre: Holdings;
let department: Holdings;

beforeEach(async () => {
  now = 1_000_000_000;
  centre = await open();
  department = await open();
});

async function open(): Promise<Holdings> {
  const folder = await mkdtemp(join(tmpdir(), 'filmless-holdings-'));
  const holdings = new Holdings(join(folder, 'archive.sqlite'), () => now);
  onTestFinished(async () => {
    holdings.close();
    await rm(folder, { recursive: true, force: true });
  });
  return holdings;
}

const note = (name: string, study = '2.25.1', node = 'radiology', isHere = false) => {
  now += 1;
  centre.note({ node, uid: `2.25.9${name}`, study, sha256: name, sizeBytes: 10 }, isHere);
};
const names = (onlyWanted = false) => centre.nextMissing(10, onlyWanted).map(({ sha256 }) => sha256);

describe('what is fetched next', () => {
  it('is what is looked at, then what is asked for, then the newest', () => {
    note('1', '2.25.1');
    note('2', '2.25.2');
    note('3', '2.25.3');
    expect(names()).toEqual(['3', '2', '1']);
    centre.want('2.25.1', 'hint');
    expect(names()).toEqual(['1', '3', '2']);
    centre.want('2.25.2', 'viewing');
    expect(names()).toEqual(['2', '1', '3']);
    expect(names(true)).toEqual(['2', '1']);
  });

  it('is not what has just failed, until a while has passed or its node is back', () => {
    note('1');
    centre.postpone('1');
    expect(names()).toEqual([]);
    now += 500;
    expect(names()).toEqual(['1']);
    centre.postpone('1');
    centre.retryAll();
    expect(names()).toEqual(['1']);
  });

  it('does not wait an hour because the clock was set back by one', () => {
    note('1');
    centre.postpone('1');
    now -= HOUR_MS;
    expect(names()).toEqual(['1']);
  });
});

describe('what is complete', () => {
  const told = (study = '2.25.1'): StudyInventory => department.ownInventory(study);
  const state = (study = '2.25.1') => {
    const row = centre.tally.rows(10).find((each) => each.study === study);
    return row && stateOf({ ...row, lagSeconds: row.openSince === null ? 0 : now - row.openSince }, 'centre', 300);
  };
  const own = (name: string) => department.noteOwn(`2.25.9${name}`, '2.25.1', name);

  it('is green only when every blob is here and the hashes agree', () => {
    for (const name of ['1', '2']) own(name);
    note('1');
    expect(state()).toBe('coming');
    centre.setState('1', 'here');
    expect(state()).toBe('differs');
    centre.noteInventory('radiology', told());
    expect(state()).toBe('coming');
    note('2');
    expect(state()).toBe('coming');
    centre.setState('2', 'here');
    expect(state()).toBe('complete');
    own('3');
    centre.noteInventory('radiology', told());
    expect(state()).toBe('coming');
  });

  it('is not green when the same number of images has other hashes', () => {
    own('1');
    note('other');
    centre.setState('other', 'here');
    centre.noteInventory('radiology', told());
    expect(state()).toBe('differs');
    expect(centre.disagreeing(0)).toEqual([{ node: 'radiology', study: '2.25.1' }]);
  });

  it('counts from when a node said something first, and asks again after a while, whatever the clock does', () => {
    own('1');
    centre.noteInventory('radiology', told());
    const since = now;
    now += 4_000;
    centre.noteInventory('radiology', told());
    expect(centre.tally.rows(10)).toMatchObject([{ there: 1, records: 0, missing: 1, openSince: since }]);
    expect(centre.disagreeing(5_000)).toEqual([]);
    now += 1_000;
    expect(centre.disagreeing(5_000)).toHaveLength(1);
    now -= HOUR_MS;
    expect(centre.disagreeing(5_000)).toHaveLength(1);
  });

  it('lists what is not complete first and counts all of it', () => {
    for (const name of ['1', '2', '3']) note(name, `2.25.${name}`);
    for (const name of ['2', '3']) {
      centre.setState(name, 'here');
      department.noteOwn(`2.25.9${name}`, `2.25.${name}`, name);
      centre.noteInventory('radiology', told(`2.25.${name}`));
    }
    expect(centre.tally.rows(2).map(({ study }) => study)).toEqual(['2.25.1', '2.25.3']);
    expect(centre.tally.nodes()).toMatchObject([{ node: 'radiology', studies: 3, complete: 2, missing: 1 }]);
  });

  it('forgets a node that was removed', () => {
    note('1');
    note('1', '2.25.1', 'ultrasound');
    centre.forget('radiology');
    expect(centre.tally.nodes().map(({ node }) => node)).toEqual(['ultrasound']);
    expect(centre.nodesWith('1')).toEqual(['ultrasound']);
  });

  it('is at a gateway what was fetched; the rest is elsewhere, and nobody is called for it', () => {
    const row = { missing: 2, agrees: false, asked: 0, lagSeconds: 9_999 };
    expect(stateOf(row, 'gateway', 300)).toBe('remote');
    expect(stateOf({ ...row, asked: 1 }, 'gateway', 300)).toBe('coming');
    expect(stateOf({ ...row, missing: 0 }, 'gateway', 300)).toBe('complete');
    expect(stateOf(row, 'centre', 300)).toBe('late');
  });
});
