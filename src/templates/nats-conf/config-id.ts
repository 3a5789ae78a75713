import { createHmac } from 'node:crypto';
import { routesServiceName, type Named } from '../names';
import { type Block } from './nats-conf';

const prefix = 'nats-operator-config:';

/**
 * A short id of what a config and the files that it names say, without the routes to members: running servers learn of new
 * members from each other, so a new size is no reason to reload. The key keeps passwords in the config from being guessed by who can see the id.
 */
export function configId(
  cluster: Named & { metadata: { namespace: string } },
  block: Block,
  key: string,
  files: readonly string[],
): string {
  const own = `.${routesServiceName(cluster)}.${cluster.metadata.namespace}.svc:`;
  const text = JSON.stringify(block, (name, value: unknown) =>
    name === 'routes' && Array.isArray(value) ? value.filter((route) => !String(route).includes(own)) : value,
  );
  return createHmac('sha256', key)
    .update(JSON.stringify([text, ...files]))
    .digest('hex')
    .slice(0, 16);
}

/**
 * The config with its id among the tags of the server, where `/varz` shows it: so it is known which config a server has
 * loaded, whatever files it includes, and also before 2.11, which shows no digest of its config.
 */
export function withConfigId(block: Block, id: string): Block {
  const { server_tags: tags } = block;
  const own = Array.isArray(tags) ? (tags as unknown[]) : tags === undefined ? [] : [tags];
  return { ...block, server_tags: [...own, prefix + id] };
}

/** The id of the config that a server has loaded, from its tags. */
export function configIdIn(tags: unknown): string | undefined {
  const list: unknown[] = Array.isArray(tags) ? tags : [];
  const tag = list.find((each) => typeof each === 'string' && each.startsWith(prefix));
  return typeof tag === 'string' ? tag.slice(prefix.length) : undefined;
}

/** The same of a nats.conf. */
export function configIdInText(text: string): string | undefined {
  const start = text.indexOf(prefix) + prefix.length;
  return start < prefix.length ? undefined : /^[0-9a-f]+/.exec(text.slice(start))?.[0];
}
