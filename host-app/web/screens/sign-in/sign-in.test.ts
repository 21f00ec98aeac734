import '../../testing/no-statistics.ts';

import { expect } from 'chai';
import { setLocale } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { sampleUser } from '../../testing/samples.ts';
import { afterEach, beforeEach, describe, it, loadStyles, mount, textOf, unmount, until } from '../../testing/setup.ts';
import { StubNode, StubProblem } from '../../testing/stub-node.ts';
import { SignIn } from './sign-in.ts';

describe('sign-in', () => {
  let node: StubNode;
  let screen: SignIn;

  beforeEach(async () => {
    await loadStyles();
    await setLocale('zh-CN');
    node = new StubNode();
    screen = mount(new SignIn());
    await screen.updateComplete;
  });
  afterEach(() => {
    unmount();
    node.restore();
    session.end();
  });

  const field = (name: 'vaadin-text-field' | 'vaadin-password-field', value: string) => {
    const input = screen.renderRoot.querySelector<HTMLElement & { value: string }>(name)!;
    input.value = value;
    input.dispatchEvent(new Event('input'));
  };
  const button = () => screen.renderRoot.querySelector<HTMLButtonElement>('.submit')!;
  const submit = async (user: string, password: string) => {
    field('vaadin-text-field', user);
    field('vaadin-password-field', password);
    await screen.updateComplete;
    button().click();
  };
  const shows = (text: string) => until(text, () => textOf(screen).includes(text));

  it('signs in with what was typed', async () => {
    let body: unknown;
    node.on('POST /api/sessions', (request: { body: unknown }) => {
      body = request.body;
      return { token: 't', user: sampleUser };
    });
    await submit(' admin ', 'secret word');
    await until('signed in', () => session.user);
    expect(body).to.deep.equal({ user: 'admin', password: 'secret word' });
    expect(session.can('study.search')).to.equal(true);
  });

  it('asks for what is missing before it asks the node', async () => {
    await submit('', '');
    await shows('请输入用户名。');
    await submit('admin', '');
    await shows('请输入密码。');
    expect(node.count('POST')).to.equal(0);
  });

  it('says that name or password is wrong, and what to do', async () => {
    node.on('POST /api/sessions', () => {
      throw new StubProblem(401, 'BAD_CREDENTIALS');
    });
    await submit('admin', 'x');
    await shows('用户名或密码不正确。');
    expect(textOf(screen)).to.contain('联系信息科重置');
    expect(button().disabled).to.equal(false);
    expect(session.user).to.equal(undefined);
  });

  it('shows how long to wait and keeps the button shut meanwhile', async () => {
    node.on('POST /api/sessions', () => {
      throw new StubProblem(429, 'TOO_MANY_REQUESTS', { 'retry-after': '42' });
    });
    await submit('admin', 'x');
    await shows('请在 42 秒后再试');
    expect(button().disabled).to.equal(true);
    await shows('请在 41 秒后再试');
  });

  it('asks for the code once the password was right, and says when it is wrong', async () => {
    let body: { code?: string } = {};
    node.on('POST /api/sessions', (request: { body: unknown }) => {
      body = request.body as typeof body;
      if (body.code === '123456') return { token: 't', user: sampleUser };
      throw new StubProblem(401, 'SECOND_FACTOR_NEEDED');
    });
    await submit('admin', 'secret word');
    await shows('身份验证器上的六位数字');
    expect(textOf(screen)).not.to.contain('验证码不正确');
    const type = async (code: string) => {
      const input = screen.renderRoot.querySelector<HTMLElement & { value: string }>('vaadin-text-field[name="code"]')!;
      input.value = code;
      input.dispatchEvent(new Event('input'));
      await screen.updateComplete;
      button().click();
    };
    await type('000000');
    await shows('验证码不正确或已用过');
    await type('123456');
    await until('signed in', () => session.user);
  });

  it('offers the identity provider where there is one', async () => {
    unmount();
    node.on('GET /api/sign-in', { password: true, oidc: { title: '院内账号', start: '/api/oidc/start' } });
    screen = mount(new SignIn());
    await shows('使用院内账号登录');
    expect(screen.renderRoot.querySelector('a.provider')?.getAttribute('href')).to.equal('/api/oidc/start');
  });

  it('says that the node cannot be reached', async () => {
    node.on('POST /api/sessions', () => {
      throw new TypeError('Failed to fetch');
    });
    await submit('admin', 'x');
    await shows('无法连接影像服务器。');
  });

  it('changes its language and remembers it', async () => {
    screen.renderRoot.querySelector<HTMLElement>('.languages [lang="en"]')?.click();
    await shows('User name');
    expect(localStorage.getItem('filmless.locale')).to.equal('"en"');
  });
});
