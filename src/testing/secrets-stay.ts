const apiVersion = 'admissionregistration.k8s.io/v1';
const metadata = { name: 'secrets-stay' };
const updates = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['secrets'] }];
const rule = { expression: '!object.metadata.name.endsWith("-bound-token")', message: 'Secrets stay as they are' };
const policy = { matchConstraints: { resourceRules: updates }, validations: [rule] };
/** Has the API server refuse what would be changed in Secrets with tokens. */
export const secretsStay = [
  { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata, spec: policy },
  {
    ...{ apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata },
    spec: { policyName: metadata.name, validationActions: ['Deny'] },
  },
];
