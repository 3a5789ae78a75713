import { binaries } from './binaries/binaries';
import { runTool } from './failure';
import { natsVersions } from './versions';

const commands: Record<string, () => Promise<unknown>> = {
  binaries: () => binaries('kubernetes', 'etcd', 'kwok', ...natsVersions.map((v) => `nats-server-${v}` as const)),
};

void runTool(async () => {
  await commands[process.argv[2] ?? '']?.();
});
