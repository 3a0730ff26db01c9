/**
 * `node build/scripts/icons.ts` draws build/assets/icon.svg in all sizes and formats that the packages want; their files are committed.
 * Windows' .ico and the Mac's .icns are containers of PNG files, so that no converter has to be fetched.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { ensureChromium } from './chromium.ts';
import { ROOT } from './root.ts';

const ASSETS = join(ROOT, 'build/assets');
const LINUX_SIZES = [16, 32, 48, 64, 128, 256, 512];
const WINDOWS_SIZES = [16, 32, 48, 256];
/** Types of an .icns by size (Apple's "Icon Services", PNG since Mac OS X 10.7). */
const MAC_TYPES = new Map([
	[128, 'ic07'],
	[256, 'ic08'],
	[512, 'ic09'],
]);

/** Renders the drawing in `sizes`, on a transparent ground. */
async function draw(svg: string, sizes: readonly number[]): Promise<ReadonlyMap<number, Buffer>> {
	const browser = await chromium.launch({ executablePath: ensureChromium() });
	const page = await browser.newPage();
	const pictures = new Map<number, Buffer>();
	for (const size of sizes) {
		await page.setViewportSize({ width: size, height: size });
		await page.setContent(`<style>* { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px }</style>${svg}`);
		pictures.set(size, await page.screenshot({ omitBackground: true }));
	}
	await browser.close();
	return pictures;
}

/** Header, one entry of 16 bytes per picture (a size of 256 is written as 0), the pictures. */
function toIco(pictures: readonly (readonly [number, Buffer])[]): Buffer {
	const header = Buffer.alloc(6);
	header.writeUInt16LE(1, 2);
	header.writeUInt16LE(pictures.length, 4);
	let offset = 6 + 16 * pictures.length;
	const entries = pictures.map(([size, png]) => {
		const entry = Buffer.alloc(16);
		entry.writeUInt8(size % 256, 0);
		entry.writeUInt8(size % 256, 1);
		entry.writeUInt16LE(1, 4);
		entry.writeUInt16LE(32, 6);
		entry.writeUInt32LE(png.length, 8);
		entry.writeUInt32LE(offset, 12);
		offset += png.length;
		return entry;
	});
	return Buffer.concat([header, ...entries, ...pictures.map(([, png]) => png)]);
}

/** `icns`, the whole length, then per picture its type, its length with these eight bytes, and the PNG. */
function toIcns(pictures: readonly (readonly [string, Buffer])[]): Buffer {
	const chunk = (type: string, body: Buffer): Buffer => {
		const head = Buffer.alloc(8);
		head.write(type, 'latin1');
		head.writeUInt32BE(body.length + 8, 4);
		return Buffer.concat([head, body]);
	};
	return chunk('icns', Buffer.concat(pictures.map(([type, png]) => chunk(type, png))));
}

const pictures = await draw(await readFile(join(ASSETS, 'icon.svg'), 'utf8'), LINUX_SIZES);
await mkdir(join(ASSETS, 'icons'), { recursive: true });
for (const [size, png] of pictures) await writeFile(join(ASSETS, 'icons', `${size}x${size}.png`), png);
await writeFile(join(ASSETS, 'icon.ico'), toIco([...pictures].filter(([size]) => WINDOWS_SIZES.includes(size))));
await writeFile(
	join(ASSETS, 'icon.icns'),
	toIcns([...pictures].flatMap(([size, png]) => (MAC_TYPES.has(size) ? [[MAC_TYPES.get(size) ?? '', png] as const] : []))),
);
