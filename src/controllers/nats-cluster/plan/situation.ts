import { type Certificate } from '../../../templates/certificates';
import { type Decoration } from '../../../templates/decoration';
import { type Encryption } from '../../../templates/encryption';
import { type StreamsOf } from '../../../templates/nats-conf/jetstream';
import { type NewObject, type StoredObject } from '../../../kubernetes/object';
import { type SystemAccess } from '../../../nats/system-client';
import { type NatsClusterStatus } from '../../../resources/nats-cluster/status';
import { type JetStreamReport, type MetaGroup } from '../../../nats/jetstream-report';
import { type Problem } from '../../../resources/parse';

/** Milliseconds since 1970, as `Date.now()` gives them. */
export type Instant = number;

/** What a plan reads of a pod. */
export interface Pod extends StoredObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers?: readonly { readonly name: string; readonly image?: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: { readonly exitCode?: number; readonly reason?: string; readonly message?: string };
}

/** What a plan reads of a PersistentVolumeClaim. */
export interface Claim extends StoredObject {
  readonly spec?: {
    readonly accessModes?: readonly string[];
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly resources?: { readonly requests?: { readonly storage?: string } };
  };
  readonly status?: {
    readonly phase?: string;
    readonly capacity?: { readonly storage?: string };
    readonly conditions?: readonly Condition[];
  };
}

/** A claim to write. */
export type NewClaim = NewObject & {
  readonly metadata: Pick<StoredObject['metadata'], 'labels' | 'annotations' | 'ownerReferences'>;
} & Pick<Claim, 'spec'>;

/** What a plan reads of a storage class. */
export interface StorageClass {
  readonly allowVolumeExpansion?: boolean;
}

/** What a plan reads of a PersistentVolume. */
export interface Volume {
  readonly spec?: {
    readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms?: readonly VolumeTerm[] } };
  };
}

/** From where a volume can be reached: any of its terms. */
export interface VolumeTerm {
  readonly matchExpressions?: readonly VolumeRequirement[];
  readonly matchFields?: readonly VolumeRequirement[];
}

interface VolumeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** What a plan reads of a node. */
export interface Node {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly taints?: readonly { readonly key: string }[] };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
}

/** What a server says of itself on its monitoring port, or why that is not known. */
export type Server =
  | {
      readonly id: string;
      readonly version: string;
      readonly routes: ReadonlySet<string>;
      /** Id of the config that it has loaded; undefined where the config has none. */
      readonly config?: string;
      /** Serial number of the certificate on the client port, where it was looked at. */
      readonly serial?: string;
      /** What it knows of JetStream; undefined where it was not asked for. */
      readonly jetStream?: JetStreamReport;
      /** The clusters that gateways join it to; undefined where that was not looked at. */
      readonly gateways?: ReadonlySet<string>;
      readonly unknown?: undefined;
    }
  | { readonly unknown: string };

/** A secret of the user that the spec refers to and that is not there, or not one of its keys, or not as it must be. */
export interface MissingSecret {
  readonly secret: string;
  /** The missing key; undefined where the whole secret is missing. */
  readonly key?: string;
  /** The field that refers to it, such as `spec.tls.serverSecret`. */
  readonly field: string;
  /** Where all is there: why it can't be used, and the cure, without any value of it. */
  readonly wrong?: string;
}

/** The user's credentials with which the operator comes to servers that trust a JWT operator. */
export interface SystemUser {
  /** Why there are none to use. */
  readonly missing?: MissingSecret;
  /** When they end. */
  readonly expires?: Instant;
}

/** Something that the spec asks for and that is left out, as the API server does not have its kind. */
export interface Unserved {
  readonly kind: string;
  /** The field that asks for it. */
  readonly field: string;
  /** Who brings the kind. */
  readonly provider: string;
}

/** What a valid spec asks for, rendered by the templates. */
export interface Wanted {
  readonly size: number;
  readonly version: string;
  /** Image of the server with its tag. */
  readonly image: string;
  /** URL for clients in the Kubernetes cluster. */
  readonly clientUrl: string;
  /** Label selector of the pods. */
  readonly selector: string;
  readonly paused: boolean;
  /** Most members that may be down at once by our doing. */
  readonly maxUnavailable: number;
  readonly pauseBetweenMembersSeconds: number;
  readonly healthTimeoutSeconds: number;
  /** Whether members run JetStream. */
  readonly jetStream: boolean;
  /** Whose streams members keep; undefined without JetStream. */
  readonly streamsOf?: StreamsOf;
  /** The other clusters of the super-cluster, by name; undefined where there is none with JetStream. */
  readonly gateways?: readonly string[];
  /** Whether members own data: then a member is never made again while its old pod may still run. */
  readonly storage: boolean;
  readonly missing: readonly MissingSecret[];
  /** The objects beside the pods, in no order; empty while secrets are missing. */
  readonly objects: readonly NewObject[];
  /** Stands for the parts of the spec that need a restart; each pod that can reload keeps the one that it was made from. */
  readonly restartHash: string;
  /** The same for pods that can't reload, such as those of older operators: it stands for all parts. */
  readonly wholeHash: string;
  /** Id of the config that servers are to load; undefined where they can't be asked to. */
  readonly config?: string;
  /** Stands for the tokens of service accounts that servers are to take; undefined where nats.conf is not written, or has none. */
  readonly serviceTokens?: string;
  /** The certificates that servers show. */
  readonly certificates?: readonly Certificate[];
  /** Stands for them, for servers that take others over with a restart only; undefined where there are none, or a sidecar tells servers. */
  readonly certificatesHash?: string;
  /** Serial number of the one on the client port; undefined where clients come without TLS. */
  readonly serial?: string;
  /** How to get into the system account of the servers; undefined where the spec or the version has no place for a user of ours. */
  readonly access?: SystemAccess;
  /** Where a JWT decides who is in the system account: what is known of the credentials that the spec names. */
  readonly systemUser?: SystemUser;
  /** Stands for what those secrets of authentication hold whose change needs a restart; undefined where there are none, or not all are usable. */
  readonly secrets?: string;
  /** The same of all of them, for servers that can't be asked to reload. */
  readonly wholeSecrets?: string;
  /** What files of streams are encrypted with; undefined where they are not, or not all secrets are usable. */
  readonly encryption?: Encryption;
  /** Stands for what decides whose routes a server takes. */
  readonly routes: string;
  /** Whether servers speak TLS on routes. */
  readonly routesTls: 'on' | 'off';
  readonly pod: (ordinal: number, name: string) => NewObject;
  /** The labels and annotations that the spec gives pods; they change without a restart. */
  readonly decoration: Decoration;
  /** The external addresses of nodes by name of their pods; undefined where the spec does not ask for them. */
  readonly externalAddresses?: ReadonlyMap<string, string>;
  /** The claim of a member; undefined where members have none. */
  readonly claim?: (ordinal: number) => NewClaim;
  /** Whether the claim of a member that left goes too. */
  readonly dropClaims: boolean;
}

/** What a plan reads of the NatsCluster itself. */
export interface Cluster {
  /** As it is stored: nobody has checked it. `wanted` is what a valid one asks for. */
  readonly spec?: unknown;
  readonly metadata: StoredObject['metadata'] & { readonly namespace: string; readonly generation: number };
  readonly status?: NatsClusterStatus;
}

/** All that a plan is made from. */
export interface Situation {
  readonly now: Instant;
  readonly cluster: Cluster;
  /** What is wrong with the spec; then there is no `wanted`. */
  readonly problems: readonly Problem[];
  readonly wanted?: Wanted;
  /** All pods with the cluster's label, ours or not. */
  readonly pods: readonly Pod[];
  /** Nodes by name; undefined where the operator may not look at nodes. */
  readonly nodes?: ReadonlyMap<string, Node>;
  /** The other objects with the names or the label that ours have. */
  readonly objects: readonly StoredObject[];
  /** What servers say, by uid of their pod; only of those that were asked. */
  readonly servers: ReadonlyMap<string, Server>;
  /** The JetStream meta group as its leader sees it, where that is a server of another cluster and answered. */
  readonly metaGroupAbroad?: MetaGroup;
  readonly unserved?: readonly Unserved[];
  /** Storage classes that have a say in what is next, by name, null where there is none; undefined where that is not known. */
  readonly storageClasses?: ReadonlyMap<string, StorageClass | null>;
  /** Volumes that have a say in what is next, by name, null where there is none; undefined where that is not known. */
  readonly volumes?: ReadonlyMap<string, Volume | null>;
}
