import { expect } from 'chai';
import { parseRoute, safeReturn } from './router.ts';
import { describe, it } from './testing/setup.ts';

describe('router', () => {
  it('knows the application’s paths', () => {
    const screen = (pathname: string, search = '') => parseRoute({ pathname, search });
    expect(screen('/').screen).to.equal('studies');
    expect(screen('/studies/1.2.3')).to.deep.equal({ screen: 'study', studyInstanceUid: '1.2.3' });
    expect(screen('/system')).to.deep.equal({ screen: 'system', tab: 'overview' });
    expect(screen('/system/jobs')).to.deep.equal({ screen: 'system', tab: 'jobs' });
    expect(screen('/screens/x-report')).to.deep.equal({ screen: 'plugin', element: 'x-report' });
    expect(screen('/nothing').screen).to.equal('not-found');
    expect(screen('/studies/1/2').screen).to.equal('not-found');
    expect(screen('/sign-in', '?return=%2Fdevices')).to.deep.equal({ screen: 'sign-in', returnTo: '/devices' });
  });

  it('returns only to pages of its own after sign-in', () => {
    expect(safeReturn('/studies?text=a')).to.equal('/studies?text=a');
    for (const path of [null, 'https://evil.example', '//evil.example', '/\\evil.example', '/sign-in?return=/sign-in'])
      expect(safeReturn(path), String(path)).to.equal('/studies');
  });
});
