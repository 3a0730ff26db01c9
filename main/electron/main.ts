import '../devices/thread-pool.ts';
import { app, BrowserWindow, crashReporter, dialog, ipcMain, Menu, powerMonitor, protocol, safeStorage, session, shell } from 'electron';
import { defaultDataFolder } from '../host-arguments.ts';
import { createTerminal } from '../terminal/create-terminal.ts';
import { bootShell } from './shell.ts';

/** Electron's entry, bundled to CommonJS: an ES module may run after `ready`, which is too late for schemes and sandbox. */
bootShell(
	{ app, BrowserWindow, crashReporter, dialog, ipcMain, Menu, powerMonitor, protocol, safeStorage, session, shell },
	{
		argv: process.argv,
		platform: process.platform,
		defects: process,
		defaultDataFolder: defaultDataFolder(process.env, process.platform),
		createTerminal,
	},
).catch((cause: unknown) => {
	dialog.showErrorBox('Regulars', `The terminal could not start. (${String(cause)})`);
	app.exit(1);
});
