import { deflateSync } from 'node:zlib';

import { expect, it } from 'vitest';

import { decode, withPalette } from './picture';

/** A PNG of true colour whose rows are filtered as told; checksums are not looked at. */
function png(width: number, rows: readonly (readonly number[])[]): Buffer {
  const part = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([8, 2], 8);
  return Buffer.concat([Buffer.alloc(8), part('IHDR', header), part('IDAT', deflateSync(Buffer.from(rows.flat())))]);
}

const hex = (picture: Buffer) => [...decode(picture).pixels].map((pixel) => pixel.toString(16).padStart(6, '0'));

it('reads every filter of PNG', () => {
  const picture = png(2, [
    [0, 10, 20, 30, 40, 50, 60],
    [1, 10, 20, 30, 1, 1, 1],
    [2, 1, 1, 1, 1, 1, 1],
    [3, 10, 10, 10, 10, 10, 10],
    [4, 1, 1, 1, 1, 1, 1],
  ]);
  expect(hex(picture)).toEqual(['0a141e', '28323c', '0a141e', '0b151f', '0b151f', '0c1620', '0f1419', '171f26', '10151a', '182027']);
});

it('keeps few colours as they are', () => {
  const picture = png(2, [
    [0, 11, 92, 173, 255, 255, 255],
    [0, 28, 39, 51, 11, 92, 173],
  ]);
  const small = withPalette(picture);
  expect(decode(small)).toEqual(decode(picture));
});

it('brings many colours down to 256, each near to what it was, the frequent ones exact', () => {
  const row = (blue: number) => [0, ...Array.from({ length: 40 }, (_, x) => (x < 20 ? [255, 255, 255] : [x * 6, 120, blue * 6])).flat()];
  const picture = png(40, Array.from({ length: 40 }, (_, y) => row(y)));
  const [before, after] = [decode(picture).pixels, decode(withPalette(picture)).pixels];
  expect(new Set(before).size).toBeGreaterThan(256);
  expect(new Set(after).size).toBeLessThanOrEqual(256);
  for (const [index, pixel] of before.entries()) {
    for (const shift of [16, 8, 0]) expect(Math.abs(((pixel >> shift) & 255) - ((after[index]! >> shift) & 255))).toBeLessThanOrEqual(16);
    if (pixel === 0xffffff) expect(after[index]).toBe(0xffffff);
  }
});
