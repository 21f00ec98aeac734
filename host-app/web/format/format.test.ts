import { expect } from 'chai';
import { setLocale } from '../i18n/index.ts';
import { sampleStudy } from '../testing/samples.ts';
import { beforeEach, describe, it } from '../testing/setup.ts';
import { formatDa, formatDaTm, formatInstant } from './dates.ts';
import { formatBytes } from './figures.ts';
import { ageLabel, patientName } from './patient.ts';

describe('formats', () => {
  beforeEach(() => setLocale('zh-CN'));

  it('writes dates as 2026-01-02 10:11 and leaves what is not a date', () => {
    expect(formatDaTm('20260102', '101112.123')).to.equal('2026-01-02 10:11');
    expect(formatDaTm('20260102', '')).to.equal('2026-01-02');
    expect(formatDa('2026')).to.equal('2026');
    expect(formatInstant('nonsense')).to.equal('');
    expect(formatInstant(new Date(2026, 0, 2, 10, 11).toISOString())).to.equal('2026-01-02 10:11');
  });

  it('writes sizes', () => {
    expect(formatBytes(0)).to.equal('0 B');
    expect(formatBytes(1536)).to.equal('1.5 KB');
    expect(formatBytes(6.1e12)).to.equal('5.5 TB');
  });

  it('takes the device’s age first, then the dates, and never a negative one', () => {
    const age = (PatientAge: string, PatientBirthDate: string, StudyDate = '20260102') =>
      ageLabel({ PatientAge, PatientBirthDate, StudyDate });
    expect(age('045Y', '20200101')).to.equal('45岁');
    expect(age('', '19800102')).to.equal('46岁');
    expect(age('', '19800103')).to.equal('45岁');
    expect(age('', '20251220')).to.equal('13天');
    expect(age('', '20250702')).to.equal('6个月');
    expect(age('', '20270101')).to.equal('');
    expect(age('', '')).to.equal('');
  });

  it('shows the ideographic name first', () => {
    expect(patientName(sampleStudy(1))).to.deep.equal({ main: '张伟1', other: 'ZHANG WEI1' });
    expect(patientName({ PatientName: 'Smith^John^^Dr', PatientNameIdeographic: '' })).to.deep.equal({
      main: 'Smith John Dr',
      other: '',
    });
    expect(patientName({ PatientName: '李四', PatientNameIdeographic: '李四' })).to.deep.equal({
      main: '李四',
      other: '',
    });
  });
});
