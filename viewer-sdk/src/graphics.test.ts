import { expect } from 'chai';
import { hasGraphicsHardware, readGraphics } from './graphics.ts';
import { afterEach, beforeEach, describe, it } from './testing/globals.ts';

const KEY = 'filmless.graphics';
const { getContext } = HTMLCanvasElement.prototype;

/** Puts a renderer of this name in the place of the browser's. @returns how often it was asked */
function pretend(renderer: string | undefined): { asked: number } {
  const seen = { asked: 0 };
  const context = {
    RENDERER: 1,
    MAX_TEXTURE_SIZE: 2,
    getExtension: () => null,
    getParameter: (what: number) => (what === 1 ? renderer : 8192),
  };
  HTMLCanvasElement.prototype.getContext = (() => {
    seen.asked += 1;
    return renderer === undefined ? null : context;
  }) as unknown as typeof getContext;
  return seen;
}

describe('graphics hardware', () => {
  beforeEach(() => localStorage.removeItem(KEY));
  afterEach(() => {
    HTMLCanvasElement.prototype.getContext = getContext;
    localStorage.removeItem(KEY);
  });

  for (const [renderer, hardware] of [
    ['ANGLE (Intel, Intel(R) UHD Graphics 630 Direct3D11 vs_5_0 ps_5_0, D3D11)', true],
    ['ANGLE (NVIDIA, NVIDIA GeForce GT 710 (0x0000128B) Direct3D11 vs_5_0 ps_5_0, D3D11)', true],
    ['ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)', false],
    ['ANGLE (Microsoft, Microsoft Basic Render Driver (0x0000008C) Direct3D11 vs_5_0 ps_5_0, D3D11)', false],
    ['ANGLE (Mesa, llvmpipe (LLVM 15.0.7, 256 bits), OpenGL 4.5)', false],
  ] as const)
    it(`is ${hardware ? '' : 'not '}there: ${renderer}`, () => {
      pretend(renderer);
      expect(hasGraphicsHardware()).to.equal(hardware);
      expect(readGraphics()).to.eql({ renderer, maxTexture: 8192, software: !hardware });
    });

  it('is not there without WebGL', () => {
    pretend(undefined);
    expect(readGraphics()).to.equal(undefined);
    expect(hasGraphicsHardware()).to.equal(false);
  });

  it('is asked for once a day', () => {
    const first = pretend('SwiftShader');
    expect([hasGraphicsHardware(), hasGraphicsHardware()]).to.eql([false, false]);
    expect(first.asked).to.equal(1);
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '') as { readAt: number };
    localStorage.setItem(KEY, JSON.stringify({ ...kept, readAt: kept.readAt - 86_400_001 }));
    const later = pretend('A graphics card');
    expect(hasGraphicsHardware()).to.equal(true);
    expect(later.asked).to.equal(1);
  });

  for (const kept of ['', '{', 'null', '7', '{"hardware":"yes","readAt":0}', '{"hardware":true}'])
    it(`is asked for when what was kept is no answer: ${kept}`, () => {
      localStorage.setItem(KEY, kept);
      const seen = pretend('SwiftShader');
      expect(hasGraphicsHardware()).to.equal(false);
      expect(seen.asked).to.equal(1);
    });
});
