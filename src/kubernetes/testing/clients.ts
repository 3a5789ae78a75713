import { KubeConfig } from '@kubernetes/client-node';
import { ApiClient } from '../api-client';
import { type ClientOptions } from '../calls';
import { Connection } from '../connection';

/** A client of the cluster that a kubeconfig file names. */
export function clientOf(
  kubeconfig: string,
  options: ClientOptions = {},
): { client: ApiClient; connection: Connection } {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const connection = new Connection(config);
  return { client: new ApiClient(connection, options), connection };
}
