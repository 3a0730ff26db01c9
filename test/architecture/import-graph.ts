/** The modules of the repository as a graph: who reaches whom, and who reaches himself. */
import { resolveImport } from './source-tree.ts';
import type { SourceFile } from './source-tree.ts';

function edgesOf(files: readonly SourceFile[]): Map<string, string[]> {
	const paths = new Set(files.map((file) => file.path));
	return new Map(
		files.map((file) => {
			const targets = file.imports.map((specifier) => resolveImport(file.path, specifier) ?? '');
			return [file.path, targets.filter((target) => paths.has(target))];
		}),
	);
}

/** One line per cycle found: the way round, first and last the same. Empty when there is none. */
export function findCycles(files: readonly SourceFile[]): string[] {
	const edges = edgesOf(files);
	const done = new Set<string>();
	const cycles: string[] = [];
	const visit = (path: string, way: readonly string[]): void => {
		const start = way.indexOf(path);
		if (start !== -1) cycles.push([...way.slice(start), path].join(' → '));
		if (start !== -1 || done.has(path)) return;
		for (const target of edges.get(path) ?? []) visit(target, [...way, path]);
		done.add(path);
	};
	for (const path of edges.keys()) visit(path, []);
	return cycles;
}

/** Every file that the entries reach, themselves included. */
export function reachableFrom(files: readonly SourceFile[], entries: readonly string[]): Set<string> {
	const edges = edgesOf(files);
	const reached = new Set<string>();
	const waiting = [...entries];
	for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
		if (reached.has(path) || !edges.has(path)) continue;
		reached.add(path);
		waiting.push(...(edges.get(path) ?? []));
	}
	return reached;
}
