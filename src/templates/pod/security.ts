/** As the restricted Pod Security Standard wants it (https://kubernetes.io/docs/concepts/security/pod-security-standards). */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: 1000,
  runAsGroup: 1000,
  fsGroup: 1000,
  fsGroupChangePolicy: 'OnRootMismatch', // a large volume is not walked through at each start
  seccompProfile: { type: 'RuntimeDefault' },
};

/** For the server's container. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
