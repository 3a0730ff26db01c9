import '@fontsource-variable/inter/wght.css';
import './style/tokens.css';
import './style/base.css';
import { createRoot } from 'react-dom/client';
import { must } from '#shared/lib/assert.ts';
import type { LiveBridge } from '../bridge/live-bridge.ts';
import { listenToScanner } from '../scan/listen-to-scanner.ts';
import { scannerProfiles } from '../scan/scanner-profile.ts';
import { App } from './app.tsx';
import { applyAppearance } from './appearance.ts';
import { handleScan } from './input/handle-scan.ts';
import { listenToKeys } from './input/listen-to-keys.ts';
import { focusMainField } from './input/main-field.ts';
import { watchIdle } from './input/watch-idle.ts';
import { followServices } from './follow-services.ts';
import { playSignals } from './signal/play-signals.ts';

/**
 * Starts the page: everything that lives as long as it does is wired here, outside of React, in the order in which keys pass.
 * Returns nothing: the page ends by being closed.
 */
export function startApp(bridge: LiveBridge): void {
	applyAppearance();
	listenToScanner({ profile: scannerProfiles.usb, onScan: (text) => void handleScan(text), beforeTyping: focusMainField });
	listenToKeys();
	watchIdle();
	playSignals();
	followServices(bridge);
	createRoot(must(document.getElementById('root'), 'the page’s root')).render(<App />);
}
