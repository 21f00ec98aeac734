import { expect } from 'chai';
import { ApiError } from '../api/client.ts';
import { setLocale } from '../i18n/index.ts';
import { afterEach, describe, it } from '../testing/setup.ts';
import { codeText, errorText } from './error-text.ts';

describe('the words of an error', () => {
  afterEach(() => setLocale('zh-CN'));

  it('say in Chinese what the node says in English, beside a title that says too little', () => {
    const text = errorText(new ApiError({ code: 'CONFLICT', status: 409, detail: 'the user name is taken' }));
    expect(text.title).to.equal('与现有内容冲突：用户名已存在');
    expect(text.forIt).to.equal('错误代码 CONFLICT');
  });

  it('leave the detail to IT where the title says enough', () => {
    const text = codeText('DEVICE_UNREACHABLE', 'no connection within 5000 ms');
    expect(text.title).to.equal('设备没有应答');
    expect(text.forIt).to.equal('错误代码 DEVICE_UNREACHABLE，5000 毫秒内未能连接');
  });

  it('keep what has no translation, and English as it is', async () => {
    expect(codeText('INTERNAL', 'something new').forIt).to.contain('something new');
    await setLocale('en');
    expect(codeText('CONFLICT', 'the user name is taken').title).to.contain('the user name is taken');
  });
});
