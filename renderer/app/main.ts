import '../bridge/no-jit.ts';
import { openBridge } from '../bridge/open-bridge.ts';
import { startApp } from './start-app.tsx';

startApp(openBridge());
