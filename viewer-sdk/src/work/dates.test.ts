import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { localTime, shownTime, writtenTime } from './dates.ts';

describe('times that are written and shown', () => {
  const at = new Date('2026-11-24T12:29:30Z');

  it('are one time on the user’s clock, whatever zone the images are in', () => {
    for (const offset of ['+0800', '-0330', '+0000', undefined]) {
      const written = writtenTime(at, offset);
      expect(shownTime(written.date, written.time, written.offset), offset ?? 'none').to.equal(
        localTime(at.toISOString()),
      );
    }
  });

  it('stay as they are written where their zone is not known or they are not whole', () => {
    expect(shownTime('20261124', '202930', undefined)).to.equal('2026-11-24 20:29');
    expect(shownTime('20261124', '', '+0800')).to.equal('2026-11-24');
    expect(shownTime('', '', '+0800')).to.equal('');
  });
});
