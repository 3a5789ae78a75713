import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { type Problem } from '../../resources/parse';
import { has, since } from '../../nats/capabilities';
import { nkeyProblems } from './nkey';

/** What is wrong with the trust in an operator's JWTs, in either place of the spec. */
export function jwtProblems({ version, auth, operatorConfig, jetstream }: NatsClusterSpec): Problem[] {
  const { systemAccount, resolver } = auth?.operator ?? {};
  const isFull = resolver?.type === 'full';
  const isLost = isFull && !jetstream?.fileStorage && !resolver.preloadSecret;
  return [
    ...nkeyProblems('spec.auth.operator.systemAccount', systemAccount),
    ...(isFull && !has(version, 'fullResolver')
      ? [
          {
            field: 'spec.auth.operator.resolver.type',
            message: `full needs nats-server ${since.fullResolver} or newer, and spec.version is ${version}: use another or upgrade`,
          },
        ]
      : []),
    ...(isLost
      ? [
          {
            field: 'spec.auth.operator.resolver',
            message:
              'of type full keeps accounts in files, which without claims are lost with the pods: add spec.jetstream.fileStorage, or have all accounts in preloadSecret',
          },
        ]
      : []),
    ...(resolver?.type === 'url' && resolver.preloadSecret
      ? [
          {
            field: 'spec.auth.operator.resolver.preloadSecret',
            message: 'has no place in a resolver of type url: remove it',
          },
        ]
      : []),
    ...addressProblems('spec.auth.operator.resolver.url', resolver?.url),
    ...addressProblems('spec.operatorConfig.resolver', operatorConfig?.resolver),
    ...(operatorConfig && !operatorConfig.secret
      ? [
          {
            field: 'spec.operatorConfig.secret',
            message: "is needed: name the Secret that has the operator's JWT under op.jwt",
          },
        ]
      : []),
  ];
}

/** Servers look for these letters wherever they are (server/opts.go, memResolverRe). */
function addressProblems(field: string, resolver: string | undefined): Problem[] {
  if (!resolver || !/https?:/i.test(resolver) || !/mem/i.test(resolver)) return [];
  return [
    { field, message: 'has the letters "mem", which servers take for the resolver in memory: use another address' },
  ];
}
