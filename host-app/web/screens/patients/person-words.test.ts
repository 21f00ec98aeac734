import { expect } from 'chai';
import { setLocale } from '../../i18n/index.ts';
import { describe, it } from '../../testing/setup.ts';
import { identityLine, readName, storedName, typedDate, typedName } from './person-words.ts';

describe('words about persons', () => {
  it('reads names with Chinese first, wherever it stands', () => {
    expect(readName('ZHANG^SAN=张^三')).to.deep.equal({ main: '张三', other: 'ZHANG SAN' });
    expect(readName('张^三')).to.deep.equal({ main: '张三', other: '' });
    expect(readName('ZHANG^SAN')).to.deep.equal({ main: 'ZHANG SAN', other: '' });
    expect(readName('')).to.deep.equal({ main: '', other: '' });
  });

  it('lets a name be typed in Chinese alone', () => {
    for (const [typed, stored] of [
      ['张^三', '=张^三'],
      ['ZHANG^SAN', 'ZHANG^SAN'],
      ['ZHANG^SAN=张^三', 'ZHANG^SAN=张^三'],
      ['', ''],
    ] as const) {
      expect(storedName(typed), typed).to.equal(stored);
      expect(typedName(stored), stored).to.equal(typed);
    }
  });

  it('takes dates as they are typed, and no others', () => {
    for (const text of ['1970-01-31', '1970/1/31', '19700131', ' 1970.01.31 '])
      expect(typedDate(text), text).to.equal('19700131');
    expect(typedDate('')).to.equal('');
    for (const text of ['1970-02-31', '1970', '197013', '1970-1', '31.01.1970', '1970-13-01', 'x'])
      expect(typedDate(text), text).to.equal(undefined);
  });

  it('names all that images say of a person', async () => {
    await setLocale('zh-CN');
    const received = { PatientID: '', IssuerOfPatientID: '', PatientName: '', PatientSex: 'F', PatientBirthDate: '' };
    expect(identityLine(received)).to.equal('无姓名，女，无编号');
  });
});
