/** Where the secret with nats.conf is mounted. */
export const configFolder = '/etc/nats-config';

/** Folder that the containers of a pod share. */
export const runFolder = '/var/run/nats';

/** File with the process id of the server. */
export const pidFile = `${runFolder}/nats.pid`;
