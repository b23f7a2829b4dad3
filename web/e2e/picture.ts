/**
 * Smaller pictures: a page has few colours, so a palette of 256 shows it as it is, at a third of the size.
 *
 * Reads and writes PNG as Chromium makes it: 8 bits a channel, not interlaced (PNG specification, 3rd edition).
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_COLOURS = 256;

export interface Picture {
  width: number;
  height: number;
  /** 0xRRGGBB by pixel, row by row. */
  pixels: Uint32Array;
}

/** The same picture with at most 256 colours. */
export function withPalette(png: Buffer): Buffer {
  const picture = decode(png);
  const { palette, indexOf } = paletteOf(picture.pixels);
  const { width, height, pixels } = picture;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = indexOf.get(pixels[y * width + x]!)!;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap(channels));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The pixels of a picture in true colour or with a palette; transparency is not looked at. */
export function decode(png: Buffer): Picture {
  const parts = chunksOf(png);
  const header = parts.get('IHDR')!;
  const [width, height, type] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9]!];
  const size = { 2: 3, 3: 1, 6: 4 }[type];
  if (size === undefined || header[8] !== 8 || header[12] !== 0) throw new Error('not a PNG with 8 bits a channel');
  const rows = inflateSync(parts.get('IDAT')!);
  const stride = width * size;
  const palette = parts.get('PLTE');
  const pixels = new Uint32Array(width * height);
  let above = Buffer.alloc(stride);
  for (let y = 0; y < height; y += 1) {
    const start = y * (stride + 1);
    const row = rows.subarray(start + 1, start + 1 + stride);
    unfilter(rows[start]!, row, above, size);
    for (let x = 0; x < width; x += 1) {
      pixels[y * width + x] = palette ? palette.readUIntBE(row[x]! * 3, 3) : row.readUIntBE(x * size, 3);
    }
    above = row;
  }
  return { width, height, pixels };
}

/** Undo a row's filter in place; `size` is that of a pixel. */
function unfilter(filter: number, row: Buffer, above: Buffer, size: number): void {
  if (filter === 0) return;
  for (let at = 0; at < row.length; at += 1) {
    const left = at < size ? 0 : row[at - size]!;
    const up = above[at]!;
    if (filter === 1) row[at]! += left;
    else if (filter === 2) row[at]! += up;
    else if (filter === 3) row[at]! += (left + up) >> 1;
    else row[at]! += paeth(left, up, at < size ? 0 : above[at - size]!);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** The most frequent colours, as far apart as it takes for them to be few; each colour's nearest. */
function paletteOf(pixels: Uint32Array): { palette: number[]; indexOf: Map<number, number> } {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const colours = [...counts].sort((one, other) => other[1] - one[1]).map(([colour]) => colour);
  for (let apart = 0; ; apart += 2) {
    const palette: number[] = [];
    for (const colour of colours) {
      if (!palette.some((known) => distance(known, colour) <= apart * apart)) palette.push(colour);
      if (palette.length > MOST_COLOURS) break;
    }
    if (palette.length <= MOST_COLOURS) return { palette, indexOf: new Map(colours.map((colour) => [colour, nearest(palette, colour)])) };
  }
}

function nearest(palette: readonly number[], colour: number): number {
  let best = 0;
  for (let index = 1; index < palette.length; index += 1) {
    if (distance(palette[index]!, colour) < distance(palette[best]!, colour)) best = index;
  }
  return best;
}

const channels = (colour: number) => [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];

/** The square of the distance of two colours. */
function distance(one: number, other: number): number {
  const [red, green, blue] = [(one >> 16) - (other >> 16), ((one >> 8) & 0xff) - ((other >> 8) & 0xff), (one & 0xff) - (other & 0xff)];
  return red * red + green * green + blue * blue;
}

/** Chunks by their type; those of the same type joined. */
function chunksOf(png: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    found.set(type, Buffer.concat([found.get(type) ?? Buffer.alloc(0), data]));
    at += 12 + length;
  }
  return found;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
