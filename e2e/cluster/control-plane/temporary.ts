import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, startTime } from '../processes/alive';
import { stopDaemons } from '../processes/daemon';
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

async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name);
    const owner = join(folder, 'owner');
    if (!name.startsWith(prefix) || !existsSync(owner)) continue;
    const [pid = '', started] = readFileSync(owner, 'utf8').split(' ');
    if (isAlive(Number(pid)) && startTime(Number(pid)) === started) continue;
    await stopDaemons(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}
