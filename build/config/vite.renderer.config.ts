import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = join(import.meta.dirname, '../..');
const renderer = join(root, 'renderer');

/**
 * The page, as both hosts serve it. `--mode gallery` builds the gallery of states instead, into a folder of its own: it never ships.
 * Nothing is inlined and no helper script is added, since the page's policy allows only files of its own origin.
 */
export default defineConfig(({ mode }) => {
	const isGallery = mode === 'gallery';
	return {
		root: renderer,
		base: './',
		cacheDir: join(root, '.cache/vite-renderer'),
		publicDir: false,
		plugins: [react()],
		build: {
			outDir: join(root, isGallery ? 'dist/gallery' : 'dist/renderer'),
			emptyOutDir: true,
			target: 'chrome140',
			assetsInlineLimit: 0,
			modulePreload: { polyfill: false },
			sourcemap: isGallery,
			// It comes from the same machine; one file starts sooner than several.
			chunkSizeWarningLimit: 1000,
			rolldownOptions: { input: join(renderer, isGallery ? 'gallery.html' : 'index.html') },
		},
		preview: { host: '127.0.0.1', strictPort: true },
	};
});
