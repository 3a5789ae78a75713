import { routesAnnotation } from '../../../templates/names';
import { anUnreadyPod, aReadyPod, aView, aWanted } from './makers';
import { canRoute, meshProblem } from './mesh';
import { type Server } from './situation';

const pods = [0, 1, 2].map((ordinal) => aReadyPod(ordinal));
const server = (id: number, routes: number[], version = '2.15.2'): [string, Server] => [
  `pod-${id}`,
  { id: `pod-${id}`, version, routes: new Set(routes.map((other) => `pod-${other}`)) },
];
const problem = (servers: [string, Server][], changes: Parameters<typeof aView>[0] = { pods }) =>
  meshProblem(aView(changes).members, new Map(servers));

describe('the mesh of routes', () => {
  it('is whole when each server has a route to each other', () => {
    expect(problem([server(0, [1, 2]), server(1, [0, 2]), server(2, [0, 1])])).toBeUndefined();
  });

  it('is whole where there is one server, whether it answers or not', () => {
    expect(problem([server(0, [])], { pods: pods.slice(0, 1) })).toBeUndefined();
    expect(problem([['pod-0', { unknown: 'it is slow' }]], { pods: pods.slice(0, 1) })).toBeUndefined();
  });

  it('is not whole where one direction is missing, and names it', () => {
    expect(problem([server(0, [1, 2]), server(1, [0, 2]), server(2, [0])])).toBe('nats-2 has no route to nats-1');
    expect(problem([server(0, [2]), server(1, [0, 2]), server(2, [0, 1])])).toBe('nats-0 has no route to nats-1');
  });

  it('does not count members that do not serve', () => {
    const servers = [server(0, [1]), server(1, [0])];
    expect(problem(servers, { pods: [aReadyPod(0), aReadyPod(1), anUnreadyPod(2)] })).toBeUndefined();
  });

  it('is not known where a server did not answer or was not asked', () => {
    const two = [server(0, [1, 2]), server(1, [0, 2])];
    expect(problem([...two, ['pod-2', { unknown: 'it is slow' }]])).toBe(
      'the routes of nats-2 are not known: it is slow',
    );
    expect(problem(two)).toBe('the routes of nats-2 are not known: it was not asked yet');
  });

  it('falls into two halves during an upgrade from 1.x, each of which must be whole', () => {
    const halves = (routesOf0: number[]) => [
      server(0, routesOf0, '1.0.4'),
      server(1, [0], '1.0.4'),
      server(2, [], '2.10.29'),
    ];
    expect(problem(halves([1]))).toBeUndefined();
    expect(problem(halves([]))).toBe('nats-0 has no route to nats-1');
  });

  it('is that of members which have a change of what decides routes, while others have not', () => {
    const changed = (ordinal: number) => aReadyPod(ordinal, { annotations: { [routesAnnotation]: 'TLS' } });
    const wanted = aWanted({ routes: 'TLS' });
    const alone = [server(0, [1]), server(1, [0]), server(2, [])];
    expect(problem(alone, { pods: [pods[0]!, pods[1]!, changed(2)], wanted })).toBeUndefined();
    const two = [server(0, []), server(1, []), server(2, [])];
    expect(problem(two, { pods: [pods[0]!, changed(1), changed(2)], wanted })).toBe('nats-1 has no route to nats-2');
    // none has it yet, and their own routes never formed: that may be what the change is for
    expect(problem(two, { pods, wanted })).toBeUndefined();
    // taken back, with one that has it
    expect(problem(alone, { pods: [pods[0]!, pods[1]!, changed(2)] })).toBeUndefined();
  });

  it('goes by what servers run, not by what the spec asks for', () => {
    const mixed = [server(0, [1]), server(1, [0]), server(2, [], '1.4.1')];
    expect(problem(mixed)).toBeUndefined();
  });
});

describe('two servers', () => {
  it.each([
    ['1.0.4', '1.0.4', true],
    ['1.0.4', '1.4.1', true],
    ['2.0.0', '2.15.2', true],
    ['2.10.29', '10.0.0', true],
    ['1.4.1', '2.0.0', false],
    ['2.15.2', '1.0.4', false],
  ])('of versions %s and %s can have a route: %s', (a, b, can) => {
    expect(canRoute(a, b)).toBe(can);
  });
});
