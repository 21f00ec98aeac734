import '../testing/no-statistics.ts';

import { expect } from 'chai';
import { setLocale } from '../i18n/index.ts';
import { sampleStudy } from '../testing/samples.ts';
import { afterEach, beforeEach, describe, it, loadStyles, mount, textOf, unmount } from '../testing/setup.ts';
import { PatientBanner } from './patient-banner.ts';

describe('patient banner', () => {
  beforeEach(async () => {
    await loadStyles();
    await setLocale('zh-CN');
  });
  afterEach(unmount);

  const show = async (study = sampleStudy(1)) => {
    const banner = mount(new PatientBanner(), 'auto');
    banner.study = study;
    await banner.updateComplete;
    return banner;
  };

  it('says who and which exam', async () => {
    const text = textOf(await show(sampleStudy(1, { PatientSex: 'M', PatientAge: '045Y' })));
    for (const part of [
      '张伟1',
      'ZHANG WEI1',
      '男 / 45岁',
      'P000001',
      '1980-06-15',
      'CT1',
      '2026-01-02 10:11',
      '胸部CT平扫',
    ])
      expect(text).to.contain(part);
  });

  it('changes its words with the language, not the patient', async () => {
    const banner = await show(sampleStudy(1, { PatientSex: 'F', PatientAge: '003M' }));
    await setLocale('en');
    await banner.updateComplete;
    expect(textOf(banner)).to.contain('Female / 3 mo').and.to.contain('张伟1').and.to.contain('Patient ID');
  });

  it('keeps no name of an earlier patient while the next one is loading', async () => {
    const banner = await show();
    banner.study = undefined;
    await banner.updateComplete;
    expect(textOf(banner)).not.to.contain('张伟');
    expect(banner.renderRoot.querySelector('section')?.getAttribute('aria-busy')).to.equal('true');
  });

  it('says that there is no name instead of showing nothing', async () => {
    expect(textOf(await show(sampleStudy(1, { PatientName: '', PatientNameIdeographic: '' })))).to.contain(
      '未提供姓名',
    );
  });
});
