import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, startTime } from '../processes/alive';
import { killDaemons, stopDaemons } from '../processes/daemon';
import { freePorts } from '../processes/ports';
import { AuditLog } from './audit';
import { ControlPlane, type ControlPlaneOptions } from './control-plane';

const prefix = 'nats-operator-control-plane-';

/** A control plane of one test process, in a temporary folder. */
export type TemporaryControlPlane = ControlPlane & { readonly audit: AuditLog; remove(): Promise<void> };

/**
 * Starts a bare control plane on free ports, for integration tests; any number can run side by side. Call `remove` at the
 * end. Those of test processes that were killed are cleaned up here, by their recorded process ids. `audited` has the API
 * server record all writes in `audit`.
 */
export async function startControlPlane({
  flags = {},
  audited = false,
}: Pick<ControlPlaneOptions, 'flags'> & { audited?: boolean } = {}): Promise<TemporaryControlPlane> {
  await removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  writeFileSync(join(folder, 'owner'), `${process.pid} ${startTime(process.pid) ?? ''}`);
  const [api = 0, etcd = 0, etcdPeer = 0] = await freePorts(3);
  const audit = new AuditLog(folder);
  const apiServer = { ...flags.apiServer, ...(audited && audit.prepare()) };
  const controlPlane = await ControlPlane.prepare({
    folder,
    ports: { api, etcd, etcdPeer },
    flags: { ...flags, apiServer },
  });
  const remove = async () => {
    await stopDaemons(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await controlPlane.start();
  } catch (error) {
    await remove();
    throw error;
  }
  return Object.assign(controlPlane, { audit, remove });
}

/**
 * Has the signals that end a program end its control planes with it: those run on by themselves. For tools that people stop
 * by Ctrl-C.
 */
export function endWithSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // without a pause, in which one that is just starting would begin more processes
    process.once(signal, () => {
      for (const { folder, owner } of folders()) {
        if (owner !== process.pid) continue;
        killDaemons(folder);
        rmSync(folder, { recursive: true, force: true, maxRetries: 10 }); // who was killed may write for a moment more
      }
      process.exit(128 + constants.signals[signal]);
    });
  }
}

async function removeAbandoned(): Promise<void> {
  for (const { folder, owner } of folders()) {
    if (owner !== undefined) continue;
    await stopDaemons(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Folders of control planes, with the process that each belongs to where that still runs. */
function folders(): { folder: string; owner: number | undefined }[] {
  return readdirSync(tmpdir()).flatMap((name) => {
    const folder = join(tmpdir(), name);
    const file = join(folder, 'owner');
    if (!name.startsWith(prefix) || !existsSync(file)) return [];
    const [text = '', started] = readFileSync(file, 'utf8').split(' ');
    const pid = Number(text);
    return [{ folder, owner: isAlive(pid) && startTime(pid) === started ? pid : undefined }];
  });
}
