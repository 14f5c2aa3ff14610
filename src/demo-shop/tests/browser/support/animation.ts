import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export interface Frame {
  /** A screenshot of the same size as the first one. */
  png: Buffer;
  /** How long it stands, in milliseconds. */
  ms: number;
}

/** One PNG that moves (APNG, third edition of the PNG standard), in 256 colours: every browser plays it, for ever. */
export function animation(frames: Frame[]): Buffer {
  const pictures = frames.map(({ png }) => pixelsOf(png));
  const { width, height } = pictures[0]!;
  const palette = commonest(pictures.map(({ pixels }) => pixels));
  const nearest = new Map<number, number>();
  let sequence = 0;
  const parts = pictures.flatMap(({ pixels }, number) => {
    const rows = Buffer.alloc((width + 1) * height); // each row begins with a 0: no filter
    pixels.forEach((colour, i) => (rows[i + Math.floor(i / width) + 1] = indexOf(colour, palette, nearest)));
    const data = deflateSync(rows, { level: 9 });
    const control = chunk('fcTL', numbers(sequence++, width, height, 0, 0), shorts(frames[number]!.ms, 1000), Buffer.from([0, 0]));
    return [control, number === 0 ? chunk('IDAT', data) : chunk('fdAT', numbers(sequence++), data)];
  });
  const header = chunk('IHDR', numbers(width, height), Buffer.from([8, 3, 0, 0, 0]));
  const colours = chunk('PLTE', Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255])));
  return Buffer.concat([SIGNATURE, header, colours, chunk('acTL', numbers(frames.length, 0)), ...parts, chunk('IEND')]);
}

/** The pixels of a PNG as browsers write screenshots: 8 bits, RGB or RGBA, not interlaced. */
function pixelsOf(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  let header: Buffer = png;
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += png.readUInt32BE(at) + 12) {
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (type === 'IHDR') header = body;
    if (type === 'IDAT') data.push(body);
  }
  const [width, height, step] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3];
  const bytes = inflateSync(Buffer.concat(data));
  const pixels = new Uint32Array(width * height);
  const row = width * step;
  let above = Buffer.alloc(row);
  for (let y = 0; y < height; y++) {
    const filter = bytes[y * (row + 1)]!;
    const line = bytes.subarray(y * (row + 1) + 1, (y + 1) * (row + 1));
    for (let x = 0; x < row; x++) {
      const [left, up, corner] = [x < step ? 0 : line[x - step]!, above[x]!, x < step ? 0 : above[x - step]!];
      line[x] = line[x]! + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
    }
    for (let x = 0; x < width; x++) pixels[y * width + x] = (line[x * step]! << 16) | (line[x * step + 1]! << 8) | line[x * step + 2]!;
    above = line;
  }
  return { width, height, pixels };
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function commonest(pictures: Uint32Array[]): number[] {
  const counts = new Map<number, number>();
  for (const pixels of pictures) for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, 256).map(([colour]) => colour);
}

function indexOf(colour: number, palette: number[], known: Map<number, number>): number {
  let best = known.get(colour);
  if (best === undefined) {
    const away = (other: number) => [16, 8, 0].reduce((sum, shift) => sum + (((other >> shift) & 255) - ((colour >> shift) & 255)) ** 2, 0);
    const distances = palette.map(away);
    known.set(colour, (best = distances.indexOf(Math.min(...distances))));
  }
  return best;
}

/** Length, type, data, and a checksum over the last two. */
function chunk(type: string, ...data: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...data]);
  return Buffer.concat([numbers(body.length - 4), body, numbers(crc32(body))]);
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4));
  return bytes;
}

function shorts(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => bytes.writeUInt16BE(value, i * 2));
  return bytes;
}
