import type { PhantomInstance } from '@filmless/core/phantoms';
import { byCodecs, byProgram, colorPhantom, grayPhantom } from './encoded-phantoms.ts';
import { hasGdcm } from './reference-rendering.ts';

/** Grey phantoms of every pixel format and transformation that DCMTK renders too. */
export const GRAY: readonly (readonly [title: string, instance: PhantomInstance])[] = [
  ['8 bits', grayPhantom('8', { bitsAllocated: 8, bitsStored: 8 })],
  ['10 of 16 bits', grayPhantom('10', { bitsAllocated: 16, bitsStored: 10 })],
  ['12 of 16 bits above the lowest ones', grayPhantom('12h', { bitsAllocated: 16, bitsStored: 12, highBit: 13 })],
  ['16 bits', grayPhantom('16', { bitsAllocated: 16, bitsStored: 16 })],
  ['signed 12 of 16 bits', grayPhantom('s12', { bitsAllocated: 16, bitsStored: 12, signed: true })],
  ['signed 16 bits', grayPhantom('s16', { bitsAllocated: 16, bitsStored: 16, signed: true })],
  ['signed 8 bits', grayPhantom('s8', { bitsAllocated: 8, bitsStored: 8, signed: true })],
  [
    'Hounsfield units in a narrow window',
    grayPhantom(
      'hu',
      { bitsAllocated: 16, bitsStored: 12 },
      { RescaleIntercept: -1024, RescaleSlope: 1, WindowCenter: 40, WindowWidth: 80 },
    ),
  ],
  [
    'a negative slope',
    grayPhantom(
      'negative',
      { bitsAllocated: 16, bitsStored: 12 },
      { RescaleIntercept: 4095, RescaleSlope: -1, WindowCenter: 2000, WindowWidth: 3000 },
    ),
  ],
  [
    'MONOCHROME1',
    grayPhantom(
      'm1',
      { bitsAllocated: 16, bitsStored: 12 },
      { PhotometricInterpretation: 'MONOCHROME1', WindowCenter: 1500, WindowWidth: 2500 },
    ),
  ],
  [
    'MONOCHROME1 with Presentation LUT Shape INVERSE',
    grayPhantom(
      'm1i',
      { bitsAllocated: 16, bitsStored: 12 },
      {
        PhotometricInterpretation: 'MONOCHROME1',
        PresentationLUTShape: 'INVERSE',
        WindowCenter: 1500,
        WindowWidth: 900,
      },
    ),
  ],
  [
    'SIGMOID',
    grayPhantom(
      'sigmoid',
      { bitsAllocated: 16, bitsStored: 12 },
      { WindowCenter: 2048, WindowWidth: 1200, VOILUTFunction: 'SIGMOID' },
    ),
  ],
  ['a window of 1', grayPhantom('w1', { bitsAllocated: 16, bitsStored: 12 }, { WindowCenter: 2048, WindowWidth: 1 })],
  [
    'a modality LUT',
    grayPhantom(
      'mlut',
      { bitsAllocated: 16, bitsStored: 8 },
      {
        ModalityLUTSequence: [
          {
            LUTDescriptor: [200, 20, 16],
            ModalityLUTType: 'US',
            LUTData: Array.from({ length: 200 }, (_, index) => Math.round(40_000 * Math.sqrt(index / 199))),
          },
        ],
        WindowCenter: 20_000,
        WindowWidth: 40_000,
      },
    ),
  ],
];

const gray = (name: string) =>
  grayPhantom(
    name,
    { bitsAllocated: 16, bitsStored: 12 },
    { RescaleIntercept: -1024, RescaleSlope: 1, WindowCenter: 1000, WindowWidth: 4096 },
  );
const signed = (name: string) => grayPhantom(name, { bitsAllocated: 16, bitsStored: 16, signed: true });
const color = (name: string) => colorPhantom(name, 'RGB');
type Encoding = [
  name: string,
  phantom: (name: string) => PhantomInstance,
  encode: (instance: PhantomInstance, scratch: string) => Promise<Uint8Array>,
];
/** Phantoms in every transfer syntax that something here can write. */
export const ENCODINGS: Encoding[] = [
  ['Implicit VR Little Endian', gray, byProgram('dcmconv', '+ti')],
  ['Explicit VR Big Endian', gray, byProgram('dcmconv', '+tb')],
  ['Deflated Explicit VR Little Endian', gray, byProgram('dcmconv', '+td')],
  ['RLE', gray, byProgram('dcmcrle')],
  ['RLE, signed', signed, byProgram('dcmcrle')],
  ['RLE, colour', color, byProgram('dcmcrle')],
  ['JPEG Lossless (process 14)', gray, byProgram('dcmcjpeg', '+el')],
  ['JPEG Lossless (process 14, first-order)', gray, byProgram('dcmcjpeg', '+e1')],
  ['JPEG Lossless, signed', signed, byProgram('dcmcjpeg', '+e1')],
  ['JPEG Lossless, colour', color, byProgram('dcmcjpeg', '+e1')],
  ['JPEG Baseline, YBR_FULL_422', color, byProgram('dcmcjpeg', '+eb', '+cy', '+q', '95')],
  ['JPEG Baseline, YBR_FULL', color, byProgram('dcmcjpeg', '+eb', '+cy', '+s4', '+q', '95')],
  ['JPEG Baseline, RGB', color, byProgram('dcmcjpeg', '+eb', '+cr', '+q', '95')],
  ['JPEG Extended, 12 bits', gray, byProgram('dcmcjpeg', '+ee', '+q', '95')],
  ['JPEG-LS Lossless', gray, byProgram('dcmcjpls', '+el')],
  ['JPEG-LS Lossless, signed', signed, byProgram('dcmcjpls', '+el')],
  ['JPEG-LS Lossless, colour', color, byProgram('dcmcjpls', '+el')],
  ['JPEG-LS Near-Lossless', gray, byProgram('dcmcjpls', '+en')],
  ['High-Throughput JPEG 2000 Lossless', gray, byCodecs('1.2.840.10008.1.2.4.201')],
  ['High-Throughput JPEG 2000 Lossless RPCL, colour', color, byCodecs('1.2.840.10008.1.2.4.202')],
  ...(hasGdcm
    ? ([
        ['High-Throughput JPEG 2000', gray, byCodecs('1.2.840.10008.1.2.4.203')],
        ['High-Throughput JPEG 2000, colour', color, byCodecs('1.2.840.10008.1.2.4.203')],
      ] as Encoding[])
    : []),
  ['JPEG XL Lossless', gray, byCodecs('1.2.840.10008.1.2.4.110')],
  ...(hasGdcm
    ? ([
        ['JPEG 2000 Lossless', gray, byProgram('gdcmconv', '--j2k')],
        ['JPEG 2000 Lossless, signed', signed, byProgram('gdcmconv', '--j2k')],
        ['JPEG 2000 Lossless, colour', color, byProgram('gdcmconv', '--j2k')],
        ['JPEG 2000', gray, byProgram('gdcmconv', '--j2k', '--lossy', '-q', '20')],
        ['JPEG 2000, colour', color, byProgram('gdcmconv', '--j2k', '--lossy', '-q', '10')],
      ] as Encoding[])
    : []),
];
