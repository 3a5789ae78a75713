import { type AuthSpec } from '../../resources/nats-cluster/auth';
import { type Permissions } from '../../resources/nats-cluster/permissions';
import { type Problem } from '../../resources/parse';
import { usersOf } from '../nats-conf/credential-names';
import { isSubject } from '../nats-conf/subjects';

/** What is wrong with subjects: the first one that servers would refuse. */
export function subjectProblems(field: string, subjects: readonly string[]): Problem[] {
  const bad = subjects.find((subject) => !isSubject(subject));
  if (bad === undefined) return [];
  const message = `has ${bad}, which is no subject: no part between dots may be empty, and > stands only at the end`;
  return [{ field, message }];
}

/** What is wrong with the subjects of permissions, wherever they are. */
export function permissionProblems(auth: AuthSpec): Problem[] {
  const places: { field: string; permissions?: Permissions }[] = [
    { field: 'spec.auth.defaultPermissions', permissions: auth.defaultPermissions },
    ...(auth.accounts ?? []).map(({ defaultPermissions: permissions }, index) => ({
      field: `spec.auth.accounts[${index}].defaultPermissions`,
      permissions,
    })),
    ...usersOf(auth).map(({ user: { permissions }, field }) => ({ field: `${field}.permissions`, permissions })),
  ];
  return places.flatMap(({ field, permissions }) =>
    (['publish', 'subscribe'] as const).flatMap((way) => {
      const subjects = permissions?.[way];
      return [
        ...subjectProblems(`${field}.${way}.allow`, subjects?.allow ?? []),
        ...subjectProblems(`${field}.${way}.deny`, subjects?.deny ?? []),
      ];
    }),
  );
}
