import { Count, Duration, Subjects } from '../schema/fields';
import { Section } from '../schema/sections';

/** Subjects allowed and denied; without `allow` everything not denied is allowed. */
export class SubjectPermissions {
  /** Subjects allowed; an empty list allows none. On change: reload. */
  @Subjects() allow?: string[];

  /** Subjects denied, even where `allow` has them. On change: reload. */
  @Subjects() deny?: string[];
}

/** Leave to answer requests on their reply subject. */
export class ResponsePermissions {
  /** Most answers to one request, by default 1. On change: reload. */
  @Count() max?: number;

  /** How long after the request answers are let through, such as 1m; by default 2m. On change: reload. */
  @Duration() expires?: string;
}

/** What a user may publish and subscribe to. */
export class Permissions {
  /** Subjects the user may publish to. On change: reload. */
  @Section() publish?: SubjectPermissions;

  /** Subjects the user may subscribe to. On change: reload. */
  @Section() subscribe?: SubjectPermissions;

  /** Let the user answer requests although `publish.allow` does not have the reply subject; without `publish.allow` nothing but answers may be published. On change: reload. */
  @Section() allowResponses?: ResponsePermissions;
}
