import { addMembers } from './add-members';
import { adoptPredecessors } from './adopt-predecessor';
import { applyObjects, refuseTakenNames } from './apply-objects';
import { serversToAsk } from './ask-servers';
import { certificatesAgain, checkCertificates, hasExpired } from './check-certificates';
import { dropClaims, keepClaims } from './claims';
import { checkSystemUser, systemUserAgain } from './check-system-user';
import { clearAway } from './clear-away';
import { decoratePods } from './decorate-pods';
import { doubtConfig } from './doubt-config';
import { endCluster, mayGo } from './end-cluster';
import { tellAddresses } from './external-addresses';
import { missKinds } from './miss-kinds';
import { tellHinderedMoves } from './move-away';
import { stepDownOnRequest, tellRequests } from './on-request';
import { lookAgainAtJetStream } from './jetstream/health';
import { changeMode } from './jetstream/change-mode';
import { guardGateways } from './jetstream/guard-gateways';
import { guardKey } from './jetstream/guard-key';
import { guardRoutes } from './jetstream/guard-routes';
import { guardStreams } from './jetstream/guard-streams';
import { leaveJetStream } from './jetstream/leave-jetstream';
import { refuseDowngrade } from './jetstream/refuse-downgrade';
import { rejoin } from './jetstream/rejoin';
import { refuseInvalidSpec } from './refuse-invalid-spec';
import { reloadConfig } from './reload-config';
import { removeMembers } from './remove-members';
import { reportTrouble } from './report-trouble';
import { respectPause } from './respect-pause';
import { remakeBroken, rollMembers } from './roll-members';
import { type Situation } from './situation';
import { holdsRoll, tellRefusal } from './tell-refusal';
import { allOf, firstOf, oneWriteEach, unless, type Step } from './step';
import { survey, type View } from './survey';
import { waitForSecrets } from './wait-for-secrets';

/** What to do next, and why. */
export interface Plan {
  /** In the order of doing. */
  readonly steps: readonly Step[];
  /** Whether a deleted cluster needs the operator no longer. */
  readonly mayGo: boolean;
  /** Seconds after which to look again, where no event will tell. */
  readonly again?: number;
  /** The situation that the plan was made for, sorted by member. */
  readonly view: View;
}

const reload = unless(hasExpired, reloadConfig);

const concerns = oneWriteEach(
  allOf(
    firstOf(
      endCluster,
      refuseInvalidSpec,
      respectPause,
      waitForSecrets,
      guardKey,
      guardRoutes,
      refuseTakenNames,
      guardStreams,
      guardGateways,
      doubtConfig,
      adoptPredecessors,
      allOf(
        ...[applyObjects, missKinds, keepClaims, clearAway],
        // what is made again now is made with the older version too
        unless((view) => refuseDowngrade(view).length > 0, addMembers),
        ...[decoratePods, tellAddresses, tellRefusal],
        // what waits for long, such as a scale-down for a stream, keeps no member from its new config
        reload,
        firstOf(
          ...[stepDownOnRequest, refuseDowngrade, remakeBroken, changeMode, rejoin, leaveJetStream, removeMembers],
          unless((view) => hasExpired(view) || holdsRoll(view) || reload(view).length > 0, rollMembers),
        ),
        dropClaims,
      ),
    ),
    allOf(checkCertificates, checkSystemUser, reportTrouble, tellRequests, tellHinderedMoves),
  ),
);

/** Decides what a cluster needs next. Pure: the same situation leads to the same plan. */
export function planCluster(situation: Situation): Plan {
  const view = survey(situation);
  const steps = concerns(view);
  const times = [
    ...steps.map(({ again }) => again),
    ...[
      view.again,
      serversToAsk(view).again,
      lookAgainAtJetStream(view),
      certificatesAgain(view),
      systemUserAgain(view),
    ],
  ].filter((again) => again !== undefined);
  return { steps, mayGo: mayGo(view), again: times.length > 0 ? Math.min(...times) : undefined, view };
}
