import path from 'node:path';
import type { HostPorts } from '../ports.ts';
import { readDeviceId, thisMachineAsked } from './device-id.ts';
import { openLogFile } from './log-file.ts';
import { createSystemClock, systemRandom, systemTimers } from './system-clock.ts';
import { createWakeDetector } from './wake-detector.ts';

/** The ports that are the same in both hosts. */
export type Machine = {
	readonly ports: Omit<HostPorts, 'secretBox'>;
	/** To be called when the machine itself announces that it woke up. */
	readonly wake: () => void;
	/** After the last log line. */
	readonly close: () => void;
};

/** Time, chance, network and a log below `dataFolder`, in which a crash of this process leaves its reason. */
export function openMachine(dataFolder: string): Machine {
	const log = openLogFile(path.join(dataFolder, 'logs', 'terminal.log'));
	const clock = createSystemClock();
	const power = createWakeDetector({ clock, timers: systemTimers });
	// Only listens: the process still ends.
	const logCrash = (err: unknown): void => {
		log.logger.error({ err }, 'the terminal crashes');
	};
	process.on('uncaughtExceptionMonitor', logCrash);
	const deviceId = readDeviceId(thisMachineAsked);
	const ports = { clock, timers: systemTimers, random: systemRandom, fetch: globalThis.fetch, logger: log.logger, power };
	return {
		ports: deviceId === null ? ports : { ...ports, deviceId },
		wake: power.wake,
		close: () => {
			process.off('uncaughtExceptionMonitor', logCrash);
			power.stop();
			log.close();
		},
	};
}
