import { SecretFile, SecretName } from '../schema/fields';

/** One key of a Secret in the cluster's namespace. */
export class SecretKey {
  /** Name of the Secret. */
  @SecretName({ required: true }) name!: string;

  /** Key in the Secret. */
  @SecretFile({ required: true }) key!: string;
}
