import { nkeys } from '@nats-io/transport-node';
import { type Problem } from '../../resources/parse';

/** What is wrong with an nkey whose form is right, as the schema says it; nothing where the field has none. */
export function nkeyProblems(field: string, nkey: string | undefined): Problem[] {
  if (!nkey || isNkey(nkey)) return [];
  return [{ field, message: 'is no nkey, as its checksum is wrong: copy the whole public key again' }];
}

/** Whether that is the public half of an nkey, whose first letter says of what. */
export function isNkey(text: string): boolean {
  try {
    nkeys.fromPublic(text);
    return true;
  } catch {
    return false;
  }
}
